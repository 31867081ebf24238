import type { Readable } from "node:stream";
import { piecesOf } from "./pieces-of.ts";
import { storageError } from "./storage-error.ts";

const maxBytes = 1024 * 1024;

/** The JSON object that a request bears, or an empty one when its body is empty. Throws `InvalidRequest`. */
export async function readJson<T extends object>(body: Readable): Promise<Partial<T>> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of piecesOf(body)) {
    size += piece.length;
    if (size > maxBytes) throw storageError("EntityTooLarge", "Request body is too large");
    pieces.push(piece);
  }
  if (size === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(pieces).toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Partial<T>;
  } catch (cause) {
    throw storageError("InvalidRequest", "Body is not valid JSON", cause);
  }
  throw storageError("InvalidRequest", "body must be object");
}
