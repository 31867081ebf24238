import { detectLanguage } from "#lib/ingestion/detect-language.ts";
import { sampleText } from "#lib/ingestion/sample-text.ts";
import type { ParsedDocument, ParsedWindow, ParserOutput } from "#lib/ingestion/schema.ts";

/** What is known of a document besides its text. */
export type DocumentFacts = Omit<ParsedDocument, keyof ParsedWindow>;

/** Hands on a document that is written window by window, in order, and tells its language. */
export interface DocumentWriter {
  add(window: ParsedWindow): Promise<void>;
  /** The last window, and what is known of the whole. */
  finish(last: ParserOutput): Promise<DocumentFacts>;
}

/** Takes a window, with the language of the document as far as it is known by then. */
export type TakeWindow = (window: ParsedWindow, about: { language: string | null; isLast: boolean }) => Promise<void>;

export function createDocumentWriter(take: TakeWindow): DocumentWriter {
  let language: string | null = null;

  async function add(window: ParsedWindow, isLast: boolean): Promise<void> {
    // A document is in one language all over, as a rule: the first pages that are clear about it decide.
    language ??= await detectLanguage(sampleText(window.text).join("\n"));
    await take(window, { language, isLast });
  }

  return {
    add: (window) => add(window, false),
    async finish({ text, pages, blocks, ...told }) {
      await add({ text, pages, blocks }, true);
      return { ...told, language };
    },
  };
}
