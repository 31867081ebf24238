import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder, type DocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { type OpenPdf, openPdf } from "#lib/ingestion/parsers/pdf-engine.ts";
import { readForm } from "#lib/ingestion/parsers/pdf-form.ts";
import { findHeadings, type PdfHeading } from "#lib/ingestion/parsers/pdf-headings.ts";
import { dropRunningLines, groupParagraphs, type PdfPageLines, placeLines } from "#lib/ingestion/parsers/pdf-lines.ts";
import type { Warning } from "#lib/ingestion/schema.ts";

interface ReadPage extends PdfPageLines {
  form: string;
  failed: boolean;
  garbled: boolean;
}

const garbledShare = 0.15;
const tailBytes = 2048;

/** A PDF's text layer page by page, with headings, form fields and page labels. Nothing is recognised in images. */
export const parsePdf: Parser = async ({ bytes }, { maxPages, maxCharacters, onProgress }) => {
  const isWhole = Buffer.from(bytes.subarray(-tailBytes)).includes("%%EOF");
  const pdf = await openPdf(bytes);
  try {
    const total = pdf.document.numPages;
    if (total > maxPages) {
      throw new Failure("file_too_complex", { detail: `The file has ${total} pages; the limit is ${maxPages}.` });
    }
    const read: ReadPage[] = [];
    let characters = 0;
    for (let number = 1; number <= total; number += 1) {
      const page = await readPage(pdf, number);
      characters += page.lines.reduce((sum, { text }) => sum + text.length, 0);
      if (characters > maxCharacters) throw new Failure("file_too_complex");
      read.push(page);
      onProgress({ pagesDone: number, pagesTotal: total });
    }
    const warnings = judge(read, isWhole);
    const pages = dropRunningLines(read);
    const headings = Map.groupBy(await findHeadings(pdf.document, pages), ({ page }) => page);
    const labels = (await pdf.document.getPageLabels().catch(() => null)) ?? [];
    const builder = createDocumentBuilder({ maxCharacters, joinHyphens: true });
    for (const { number, lines } of pages) {
      builder.startPage(number, labels[number - 1]);
      addLines(builder, lines, headings.get(number) ?? []);
      builder.add({ kind: "form", text: read[number - 1]?.form ?? "" });
    }
    const title = typeof pdf.title === "string" ? pdf.title : null;
    const missing = `None of the file's pages (${total}) holds text; it looks scanned.`;
    return builder.finish({ title, warnings, missing });
  } finally {
    await pdf.close();
  }
};

async function readPage(pdf: OpenPdf, number: number): Promise<ReadPage> {
  try {
    const { text, items, viewport } = await pdf.readText(number);
    const page = await pdf.document.getPage(number);
    const form = readForm(await page.getAnnotations());
    const lines = placeLines({ text, items, viewport });
    return { number, height: viewport.height, lines, form, failed: false, garbled: isGarbled(text) };
  } catch {
    // Other pages may be whole; which were not is told as a warning.
    return { number, height: 0, lines: [], form: "", failed: true, garbled: false };
  }
}

function addLines(builder: DocumentBuilder, lines: PdfPageLines["lines"], headings: PdfHeading[]): void {
  let done = 0;
  const addUpTo = (end: number) => {
    for (const text of groupParagraphs(lines.slice(done, end))) builder.add({ kind: "paragraph", text });
    done = Math.max(done, end);
  };
  for (const { index, count, level, title } of headings) {
    addUpTo(index);
    const printed = lines.slice(Math.max(index, done), index + count).map(({ text }) => text);
    builder.add({ kind: "heading", level, text: printed.join("\n"), ...(title ? { title } : {}) });
    done = Math.max(done, index + count);
  }
  addUpTo(lines.length);
}

/** Fonts without a table of their letters give signs of no meaning. */
function isGarbled(text: string): boolean {
  const strange = text.match(/[^\P{C}\n\t\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\ufffd/gu)?.length ?? 0;
  return strange > text.length * garbledShare;
}

function judge(pages: ReadPage[], isWhole: boolean): Warning[] {
  const warnings: Warning[] = [];
  const tell = (code: Warning["code"], isSo: (page: ReadPage) => boolean, message: (list: string) => string) => {
    const found = pages.filter(isSo).map(({ number }) => number);
    if (found.length > 0) warnings.push({ code, message: message(listPages(found)), pages: found });
  };
  if (pages.length > 0 && pages.every(({ failed }) => failed)) throw new Failure("file_corrupt");
  if (!isWhole) {
    const message = "The end of the file is missing or damaged; what could be read of it is there.";
    warnings.push({ code: "file_recovered", message });
  }
  tell(
    "page_failed",
    ({ failed }) => failed,
    (list) => `${list} could not be read.`,
  );
  tell(
    "pages_without_text",
    ({ failed, lines, form }) => !failed && form === "" && !lines.some(({ text }) => /[\p{L}\p{N}]/u.test(text)),
    (list) => `${list} gave no text; scanned images hold none that can be searched.`,
  );
  tell(
    "text_garbled",
    ({ garbled }) => garbled,
    (list) => `${list} gave text that is partly unreadable.`,
  );
  return warnings;
}

function listPages(numbers: number[]): string {
  const shown = numbers.slice(0, 20).join(", ");
  const rest = numbers.length > 20 ? ` and ${numbers.length - 20} more` : "";
  return numbers.length === 1 ? `Page ${shown}` : `Pages ${shown}${rest}`;
}
