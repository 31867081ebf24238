import { parse } from "parse5";
import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder, type DraftBlock } from "#lib/ingestion/build-document.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { openZip } from "#lib/ingestion/parsers/open-zip.ts";
import { readBook } from "#lib/ingestion/parsers/read-book.ts";
import { readHtml } from "#lib/ingestion/parsers/read-html.ts";
import type { Warning } from "#lib/ingestion/schema.ts";

const lost: Warning = {
  code: "file_recovered",
  message: "Chapters of the book are missing or locked; what could be read of it is there.",
};

/** A book in its reading order, under the headings of its chapters; where a chapter prints none, under its title in the table of contents. */
export const parseEpub: Parser = async ({ bytes }, { maxCharacters }) => {
  const zip = openZip(bytes);
  const book = readBook(zip);
  const builder = createDocumentBuilder({ maxCharacters });
  const readable = book.chapters.filter(({ isLocked, part }) => !isLocked && zip.has(part));
  if (readable.length === 0)
    throw new Failure(book.chapters.length > 0 && isWhole() ? "file_encrypted" : "file_corrupt");
  for (const { part, title } of readable) {
    const chapter = zip.read(part);
    const { text } = await decodeText(chapter ?? Buffer.alloc(0), readDeclaredEncoding);
    const { blocks } = readHtml(parse(closeEmpty(text), { scriptingEnabled: false }), { furniture: true });
    for (const block of nameChapter(blocks, title)) builder.add(block);
  }
  return builder.finish({ title: book.title, warnings: readable.length < book.chapters.length ? [lost] : [] });

  /** Whether all chapters are there, so that it is their lock that keeps them from being read. */
  function isWhole(): boolean {
    return book.chapters.every(({ part }) => zip.has(part));
  }
};

/** HTML takes a tag that is closed in itself, as XML may have it, for one that is left open: `<title/>` would swallow the page. */
function closeEmpty(xhtml: string): string {
  const empty =
    /<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)([a-z][\w:-]*)((?:\s[^<>]*)?)\/>/gi;
  return xhtml.replace(empty, "<$1$2></$1>");
}

function readDeclaredEncoding(start: string): string | undefined {
  return /^<\?xml[^>]+encoding=["']([\w-]+)/i.exec(start)?.[1];
}

/** A chapter begins with a heading of the first level, or it would be cited under the chapter before it. */
function nameChapter(blocks: DraftBlock[], title: string | undefined): DraftBlock[] {
  const first = blocks.find(({ kind }) => kind === "heading");
  const highest = Math.min(...blocks.map(({ level = 9 }) => level));
  if (!title || highest === 1 || blocks.length === 0) return blocks;
  if (first && fold(first.text) === fold(title)) {
    return blocks.map((block) => (block === first ? { ...block, level: 1 } : block));
  }
  return [{ kind: "heading", level: 1, title, text: "" }, ...blocks];
}

function fold(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, "").toLowerCase();
}
