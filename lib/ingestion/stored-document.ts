import { detectLanguage } from "#lib/ingestion/detect-language.ts";
import { sampleText } from "#lib/ingestion/sample-text.ts";
import type { ParsedDocument, ParsedWindow, ParserOutput } from "#lib/ingestion/schema.ts";
import type { WorkStore } from "#lib/ingestion/work-store.ts";

/** The name under which a parsed document is stored: its first window, and how many there are. Written last. */
const firstName = "parsed";
const nameOf = (index: number) => `text-${index}`;

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

export function createDocumentWriter(store: WorkStore): DocumentWriter {
  let first: ParsedWindow | undefined;
  let windows = 0;
  const samples: string[] = [];

  async function add(window: ParsedWindow): Promise<void> {
    if (first) await store.write(nameOf(windows), window);
    else first = window;
    windows += 1;
    samples.push(...sampleText(window.text));
  }

  return {
    add,
    async finish({ text, pages, blocks, ...told }) {
      await add({ text, pages, blocks });
      const facts = { ...told, language: await detectLanguage(samples.join("\n")) };
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
