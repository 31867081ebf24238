import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { inspectFile } from "#lib/documents/inspect-file.ts";
import { asFailure, type Failure } from "#lib/errors.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import type { MediaType, ParsedDocument } from "#lib/ingestion/schema.ts";
import { watchParsers } from "./watch-parsers.ts";

/** What the product made of a file: a document or a failure. */
export interface Outcome {
  sha256: string;
  sizeBytes: number;
  mediaType?: MediaType;
  parsed?: ParsedDocument;
  failure?: Failure;
  /** Milliseconds in the parser. */
  ms: number;
  /** The most that the parser's process held; 0 where the system does not tell, or the file never got there. */
  peakBytes: number;
}

const maxBytes = 50 * 1024 * 1024;

/** Takes a file through detection and its parser as the product does. One at a time, or the peaks are mixed up. */
export async function readDocument(path: string, ocrLanguages: string): Promise<Outcome> {
  const bytes = await readFile(path);
  const fileName = basename(path);
  const facts = { sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes: bytes.length };
  let mediaType: MediaType;
  try {
    ({ mediaType } = inspectFile({ fileName, bytes, maxBytes }));
  } catch (thrown) {
    return { ...facts, failure: asFailure(thrown), ms: 0, peakBytes: 0 };
  }
  const endWatch = watchParsers();
  const start = performance.now();
  const outcome = await parseDocument({ path, fileName, mediaType }, { ocrLanguages }).then(
    (parsed) => ({ parsed }),
    (thrown: unknown) => ({ failure: asFailure(thrown) }),
  );
  return { ...facts, mediaType, ...outcome, ms: performance.now() - start, peakBytes: endWatch() };
}
