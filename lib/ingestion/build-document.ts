import { Failure } from "#lib/errors.ts";
import { cleanText, cutText } from "#lib/ingestion/clean-text.ts";
import type { Block, Page, ParsedDocument, Warning } from "#lib/ingestion/schema.ts";

export interface DraftBlock {
  kind: Block["kind"];
  /** As the parser found it; it is cleaned here, and a block that is then blank is left out. */
  text: string;
  level?: number;
  /** A heading's words where the text does not hold them. */
  title?: string;
}

interface BuilderOptions {
  /** The most characters that a document may have; more throw `file_too_complex`. */
  maxCharacters: number;
  joinHyphens?: boolean;
  /** Whether a document without a title of its own goes by its file's name, for its headings are only of parts of it. */
  namedByFile?: boolean;
}

interface Finish {
  title?: string | null | undefined;
  warnings?: Warning[];
  /** What is said when there is no text at all (`text_missing`). */
  missing?: string;
}

/** Puts a document together, block by block, so that every offset fits the cleaned text. */
export interface DocumentBuilder {
  add(block: DraftBlock): void;
  startPage(number: number, label?: string): void;
  finish(input: Finish): ParsedDocument;
}

const separator = "\n\n";
const longestTitle = 300;

export function createDocumentBuilder({
  maxCharacters,
  joinHyphens = false,
  namedByFile = false,
}: BuilderOptions): DocumentBuilder {
  const parts: string[] = [];
  const blocks: Block[] = [];
  const pages: Page[] = [];
  let length = 0;
  let separated = true;

  function separate(): void {
    if (!separated) append(separator);
    separated = true;
  }

  function append(text: string): void {
    parts.push(text);
    length += text.length;
    separated = false;
  }

  return {
    add({ kind, text: raw, level, title }) {
      const text = cleanText(raw, { keepBlanks: kind === "code", joinHyphens });
      if (text.trim() === "" && !title) return;
      if (text !== "") separate();
      if (length + text.length > maxCharacters) {
        throw new Failure("file_too_complex", { detail: `The file holds more than ${maxCharacters} characters.` });
      }
      const block: Block = { kind, start: length, end: length + text.length };
      if (level !== undefined) block.level = Math.min(Math.max(level, 1), 6);
      if (title) block.title = cutText(cleanText(title), longestTitle);
      blocks.push(block);
      if (text !== "") append(text);
    },

    startPage(number, label) {
      const last = pages.at(-1);
      // The blank between two pages belongs to the former one.
      separate();
      if (last) last.end = length;
      pages.push({ number, start: length, end: length, ...(label ? { label } : {}) });
    },

    finish({ title, warnings = [], missing }) {
      const text = parts.join("");
      const last = pages.at(-1);
      if (last) last.end = text.length;
      if (text.trim() === "") throw new Failure("text_missing", missing ? { detail: missing } : {});
      const heading = namedByFile ? null : firstHeading(text, blocks);
      return { title: chooseTitle(title) ?? heading, text, pages, blocks, warnings };
    },
  };
}

/** Programs leave the name of a file, or their own, where a title belongs. */
function chooseTitle(raw: string | null | undefined): string | null {
  const title = cutText(cleanText(raw ?? "").replace(/\s+/g, " "), longestTitle);
  const meaningless =
    /^(untitled|title|unknown|none|\(anonymous\)|document\d*|powerpoint presentation|slide \d+|microsoft \w+ - .*|.*\.(docx?|pdf|indd|html?|txt|tex|dvi|qxd|pages))$/i;
  return title === "" || meaningless.test(title) ? null : title;
}

function firstHeading(text: string, blocks: Block[]): string | null {
  const heading = blocks.find(({ kind }) => kind === "heading");
  if (!heading) return null;
  return heading.title ?? cutText(text.slice(heading.start, heading.end).replace(/\s+/g, " "), longestTitle);
}
