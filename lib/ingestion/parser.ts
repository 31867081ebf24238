import type { ParsedWindow, ParserOutput } from "#lib/ingestion/schema.ts";

export interface ParserInput {
  bytes: Uint8Array;
  fileName: string;
}

export interface ParserContext {
  maxPages: number;
  maxCharacters: number;
  /** From where on the text is plain, for a former attempt did not get through: an `end` that `onWindow` was told, or 0. */
  plainFrom?: number | undefined;
  /** Takes what is complete before all is read, with where the text that it is made of ends. The answer then holds what came after it. */
  onWindow?: ((window: ParsedWindow, end: number) => void) | undefined;
}

/** Reads one format. Throws `file_encrypted`, `file_corrupt`, `file_too_complex` or `text_missing`; anything else is a defect of ours. */
export type Parser = (input: ParserInput, context: ParserContext) => Promise<ParserOutput>;
