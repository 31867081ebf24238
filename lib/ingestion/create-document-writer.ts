import { detectLanguage } from "#lib/ingestion/detect-language.ts";
import { sampleText } from "#lib/ingestion/sample-text.ts";
import type { ParsedDocument, ParsedWindow, ParserOutput } from "#lib/ingestion/schema.ts";

/** What is known of a document besides its text. */
export type DocumentFacts = Omit<ParsedDocument, keyof ParsedWindow>;

/** Hands on a document that is written window by window, in order, and tells its language. Whoever reads on need not wait for that. */
export interface DocumentWriter {
  add(window: ParsedWindow): void;
  /** The last window, and what is known of the whole. Throws what went wrong on the way. */
  finish(last: ParserOutput): Promise<DocumentFacts>;
  /** Hands on no more, and waits for what is under way. */
  stop(): Promise<void>;
}

/** Takes a window, with the language of the document as far as it is known by then. */
export type TakeWindow = (window: ParsedWindow, about: { language: string | null; isLast: boolean }) => Promise<void>;

/** `onFailure` is told as soon as a window is not taken; none is handed on after that. */
export function createDocumentWriter(take: TakeWindow, onFailure: (thrown: unknown) => void): DocumentWriter {
  let language: string | null = null;
  let writing: Promise<void> = Promise.resolve();
  let isStopped = false;

  async function write(window: ParsedWindow, isLast: boolean): Promise<void> {
    if (isStopped) return;
    // A document is in one language all over, as a rule: the first pages that are clear about it decide.
    language ??= await detectLanguage(sampleText(window.text).join("\n"));
    await take(window, { language, isLast });
  }

  function add(window: ParsedWindow, isLast: boolean): Promise<void> {
    writing = writing.then(() => write(window, isLast));
    writing.catch(onFailure);
    return writing;
  }

  return {
    add: (window) => void add(window, false),
    async finish({ text, pages, blocks, ...told }) {
      await add({ text, pages, blocks }, true);
      return { ...told, language };
    },
    async stop() {
      isStopped = true;
      await writing.catch(() => undefined);
    },
  };
}
