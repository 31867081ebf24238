import { Failure } from "#lib/errors.ts";
import { cleanText, cutText } from "#lib/ingestion/clean-text.ts";
import type { Block, Coverage, Page, ParsedWindow, ParserOutput, Warning } from "#lib/ingestion/schema.ts";

export interface DraftBlock {
  kind: Block["kind"];
  /** As the parser found it; it is cleaned here, and a block that is then blank is left out. */
  text: string;
  level?: number;
  /** A heading's words where the text does not hold them. */
  title?: string;
  /** Whether it follows the former block on the next line, without an empty one between them. */
  isTight?: boolean;
  /** Whether what its lines begin with tells how deep in the block they stand. */
  isIndented?: boolean;
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
  /** What the builder does not see of how much was read. */
  coverage?: Partial<Coverage>;
  /** What is said when there is no text at all (`text_missing`). */
  missing?: string;
}

/** Puts a document together, block by block, so that every offset fits the cleaned text. */
export interface DocumentBuilder {
  add(block: DraftBlock): void;
  startPage(number: number, about?: Pick<Page, "label" | "source">): void;
  /** Takes away what is complete, so that it need not be kept; `finish` then gives the rest. A page must follow. */
  cut(): ParsedWindow;
  finish(input: Finish): ParserOutput;
}

const separator = "\n\n";
const longestTitle = 300;

export function createDocumentBuilder({
  maxCharacters,
  joinHyphens = false,
  namedByFile = false,
}: BuilderOptions): DocumentBuilder {
  let parts: string[] = [];
  let blocks: Block[] = [];
  let pages: Page[] = [];
  let length = 0;
  let heading: string | null = null;
  let pageCount = 0;
  let textPages = 0;
  let separated = true;

  function separate(gap = separator): void {
    if (!separated) append(gap);
    separated = true;
  }

  function append(text: string): void {
    parts.push(text);
    length += text.length;
    separated = false;
  }

  function endPage(): void {
    const last = pages.at(-1);
    if (!last) return;
    last.end = length;
    if (length > last.start) textPages += 1;
  }

  return {
    add({ kind, text: raw, level, title, isTight = false, isIndented = false }) {
      const text = cleanText(raw, { keepBlanks: kind === "code", keepIndent: isIndented, joinHyphens });
      if (text.trim() === "" && !title) return;
      if (text !== "") separate(isTight ? "\n" : separator);
      if (length + text.length > maxCharacters) {
        throw new Failure("file_too_complex", { detail: `The file holds more than ${maxCharacters} characters.` });
      }
      const block: Block = { kind, start: length, end: length + text.length };
      if (level !== undefined) block.level = Math.min(Math.max(level, 1), 6);
      if (title) block.title = cutText(cleanText(title), longestTitle);
      blocks.push(block);
      if (kind === "heading") heading ??= block.title ?? cutText(text.replace(/\s+/g, " "), longestTitle);
      if (text !== "") append(text);
    },

    startPage(number, about = {}) {
      // The blank between two pages belongs to the former one.
      separate();
      endPage();
      pages.push({ number, start: length, end: length, ...about });
      pageCount += 1;
    },

    cut() {
      separate();
      endPage();
      const window = { text: parts.join(""), pages, blocks };
      parts = [];
      pages = [];
      blocks = [];
      return window;
    },

    finish({ title, warnings = [], coverage, missing }) {
      const text = parts.join("");
      endPage();
      if (length === 0) throw new Failure("text_missing", missing ? { detail: missing } : {});
      return {
        title: chooseTitle(title) ?? (namedByFile ? null : heading),
        text,
        pages,
        blocks,
        warnings,
        coverage: {
          pages: pageCount,
          textPages,
          ocrPages: 0,
          blankPages: 0,
          unreadPages: 0,
          characters: length,
          runningLines: 0,
          encoding: null,
          ...coverage,
        },
      };
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
