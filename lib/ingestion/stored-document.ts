import { detectLanguage } from "#lib/ingestion/detect-language.ts";
import { sampleText } from "#lib/ingestion/sample-text.ts";
import type { ParsedDocument, ParsedWindow, ParserOutput } from "#lib/ingestion/schema.ts";
import type { WorkStore } from "#lib/ingestion/work-store.ts";

/** The name under which a parsed document is stored: its first window, and how many there are. Written last. */
const firstName = "parsed";
const nameOf = (index: number) => `text-${index}`;

/** The name under which a batch of passages waits for the embed stage. */
export const batchName = (index: number) => `chunks-${index}`;

/** Whether a name of a job's store is of no use once the job was published. */
export function isWorkName(name: string): boolean {
  return name !== firstName && !name.startsWith("text-");
}

interface FirstWindow extends ParsedDocument {
  /** One when left out. */
  windows?: number;
}

/** What is known of a document besides its text. */
export type DocumentFacts = Omit<ParsedDocument, keyof ParsedWindow>;

/** Stores a document that is written window by window, in order, and tells its language. */
export interface DocumentWriter {
  add(window: ParsedWindow): Promise<void>;
  /** The last window, and what is known of the whole. */
  finish(last: ParserOutput): Promise<DocumentFacts>;
}

/** Takes a window that is stored, or soon will be, with the language of the document as far as it is known by then. */
export type TakeWindow = (window: ParsedWindow, about: { language: string | null; isLast: boolean }) => Promise<void>;

export function createDocumentWriter(store: WorkStore, take: TakeWindow = async () => {}): DocumentWriter {
  let first: ParsedWindow | undefined;
  let windows = 0;
  let language: string | null = null;

  async function add(window: ParsedWindow, isLast: boolean): Promise<void> {
    // A document is in one language all over, as a rule: the first pages that are clear about it decide.
    language ??= await detectLanguage(sampleText(window.text).join("\n"));
    const name = nameOf(windows);
    windows += 1;
    const storing = first ? store.write(name, window) : null;
    first ??= window;
    await Promise.all([storing, take(window, { language, isLast })]);
  }

  return {
    add: (window) => add(window, false),
    async finish({ text, pages, blocks, ...told }) {
      await add({ text, pages, blocks }, true);
      const facts = { ...told, language };
      await store.write(firstName, { ...facts, ...(first ?? { text, pages, blocks }), windows });
      return facts;
    },
  };
}

/** The whole of a stored document. */
export async function readStoredDocument(store: WorkStore): Promise<ParsedDocument> {
  const { windows = 1, ...document } = await store.read<FirstWindow>(firstName);
  const texts = [document.text];
  const pages = [document.pages];
  const blocks = [document.blocks];
  for (let index = 1; index < windows; index += 1) {
    const window = await store.read<ParsedWindow>(nameOf(index));
    texts.push(window.text);
    pages.push(window.pages);
    blocks.push(window.blocks);
  }
  return { ...document, text: texts.join(""), pages: pages.flat(), blocks: blocks.flat() };
}
