import type { FailureCode } from "#lib/errors.ts";
import type { MediaType, ParsedDocument } from "#lib/ingestion/schema.ts";

/** What a document may take before its parser is stopped. */
export interface ParseLimits {
  wallMs: number;
  memoryBytes: number;
  maxPages: number;
  maxCharacters: number;
}

export interface ParseProgress {
  pagesDone: number;
  pagesTotal: number;
}

export interface ParseRequest {
  path: string;
  fileName: string;
  mediaType: MediaType;
  limits: ParseLimits;
}

/** What the parser's process says. `ready` comes once; after a request any number of `progress`, then `done` or `failed`. */
export type ParseReply =
  | { type: "ready" }
  | { type: "progress"; progress: ParseProgress }
  | { type: "done"; document: ParsedDocument }
  | { type: "failed"; code: FailureCode; detail: string; reason: string };
