import type { ParserOutput } from "#lib/ingestion/schema.ts";

export interface ParserInput {
  bytes: Uint8Array;
  fileName: string;
}

export interface ParserContext {
  maxPages: number;
  maxCharacters: number;
}

/** Reads one format. Throws `file_encrypted`, `file_corrupt`, `file_too_complex` or `text_missing`; anything else is a defect of ours. */
export type Parser = (input: ParserInput, context: ParserContext) => Promise<ParserOutput>;
