import { z } from "zod";
import { Failure } from "#lib/errors.ts";

/** An id from outside, fit to ask the database for. Throws `document_not_found`: what is no id names no document. */
export function parseDocumentId(id: string): string {
  if (!z.uuid().safeParse(id).success) throw new Failure("document_not_found");
  return id;
}
