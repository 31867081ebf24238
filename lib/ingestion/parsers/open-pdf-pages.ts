import { countLetters } from "#lib/ingestion/pages/count-letters.ts";
import type { PageRecord, PageState } from "#lib/ingestion/pages/schema.ts";
import type { PageReader } from "#lib/ingestion/parsers/page-reader.ts";
import { type OpenPdf, openPdf } from "#lib/ingestion/parsers/pdf-engine.ts";
import { readForm } from "#lib/ingestion/parsers/pdf-form.ts";
import { placeLines } from "#lib/ingestion/parsers/pdf-lines.ts";
import { readOutline } from "#lib/ingestion/parsers/pdf-outline.ts";

const tailBytes = 2048;
const garbledShare = 0.15;
/** Fewer letters and digits than this beside an image are a stamp or a page number on a scan. */
const sparseLetters = 20;

/** A PDF's text layer, page by page. Nothing is recognised in images. */
export async function openPdfPages(bytes: Uint8Array): Promise<PageReader> {
  const isWhole = Buffer.from(bytes.subarray(-tailBytes)).includes("%%EOF");
  const pdf = await openPdf(bytes);
  const { document } = pdf;
  return {
    head: {
      pages: document.numPages,
      title: typeof pdf.title === "string" ? pdf.title : null,
      labels: (await document.getPageLabels().catch(() => null)) ?? [],
      outline: await readOutline(document).catch(() => []),
      isWhole,
    },
    async read(from, to) {
      const pages: PageRecord[] = [];
      for (let number = from; number <= to; number += 1) pages.push(await readPage(pdf, number));
      await document.cleanup().catch(() => {});
      return pages;
    },
    close: () => pdf.close(),
  };
}

async function readPage(pdf: OpenPdf, number: number): Promise<PageRecord> {
  try {
    const { text, items, viewport } = await pdf.readText(number);
    const page = await pdf.document.getPage(number);
    const form = readForm(await page.getAnnotations());
    const state = isGarbled(text) ? "garbled" : await judgeAmount(pdf, number, text);
    page.cleanup();
    return { number, height: viewport.height, lines: placeLines({ text, items, viewport }), form, state };
  } catch {
    // Other pages may be whole; which were not is told as a warning.
    return { number, height: 0, lines: [], form: "", state: "failed" };
  }
}

/** Fonts without a table of their letters give signs of no meaning. */
function isGarbled(text: string): boolean {
  const strange = text.match(/[^\P{C}\n\t\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\ufffd/gu)?.length ?? 0;
  return strange > text.length * garbledShare;
}

async function judgeAmount(pdf: OpenPdf, number: number, text: string): Promise<PageState> {
  const letters = countLetters(text);
  if (letters === 0) return "none";
  return letters < sparseLetters && (await pdf.hasImage(number)) ? "sparse" : "text";
}
