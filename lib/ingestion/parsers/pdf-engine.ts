import { createRequire } from "node:module";
import path from "node:path";
import { Failure } from "#lib/errors.ts";

/** What we use of pdf.js, which pdf-parse keeps to itself. */
export interface PdfDocument {
  numPages: number;
  getPage(number: number): Promise<PdfPage>;
  getOutline(): Promise<PdfOutlineItem[] | null>;
  getDestination(name: string): Promise<unknown[] | null>;
  getPageIndex(ref: object): Promise<number>;
  getPageLabels(): Promise<string[] | null>;
  /** Forgets what is only kept to be quick. */
  cleanup(): Promise<void>;
}

export interface PdfOutlineItem {
  title: string;
  dest: string | unknown[] | null;
  items: PdfOutlineItem[];
}

export interface PdfTextItem {
  str: string;
  /** In points. */
  width: number;
  transform: number[];
  hasEOL: boolean;
}

export interface PdfPage {
  getTextContent(options: object): Promise<{ items: (PdfTextItem | object)[] }>;
  getAnnotations(): Promise<PdfAnnotation[]>;
  getViewport(options: { scale: number }): PdfViewport;
  getOperatorList(): Promise<{ fnArray: number[] }>;
  cleanup(): void;
}

export interface PdfViewport {
  width: number;
  height: number;
  convertToViewportPoint(x: number, y: number): number[];
}

export interface PdfAnnotation {
  subtype: string;
  fieldName?: string;
  alternativeText?: string;
  fieldValue?: unknown;
  password?: boolean;
  contentsObj?: { str: string };
}

export interface OpenPdf {
  document: PdfDocument;
  title: unknown;
  /** The text of a page as pdf-parse joins it, and the pieces that it joined. */
  readText(page: number): Promise<{ text: string; items: PdfTextItem[]; viewport: PdfViewport }>;
  hasImage(page: number): Promise<boolean>;
  /** A page as a PNG image. */
  draw(page: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Larger images are left out, in pixels: a page of A3 at 600 dots an inch has 70 million. */
const largestImage = 80_000_000;

/** paintImageMaskXObject, paintImageXObject and paintInlineImageXObject, as pdf.js numbers them (`OPS` in its src/shared/util.js). */
const imageOperators = new Set([83, 85, 86]);
/** At 200 dots an inch A4 is this wide, in pixels: of a noisy scan more was read at it than at 150 or 300. */
const drawnWidth = 1700;
const mostDrawnPixels = 12_000_000;

/** Opens a PDF. Throws `file_encrypted` when it needs a password and `file_corrupt` when it cannot be opened. */
export async function openPdf(bytes: Uint8Array): Promise<OpenPdf> {
  const { PDFParse } = await loadLibrary();
  const folder = findPdfJs();
  const parser = new PDFParse({
    // The library takes the buffer away from whoever passes it.
    data: new Uint8Array(bytes),
    // Without these, text in Chinese, Japanese and Korean fonts is left out silently.
    cMapUrl: `${folder}/cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${folder}/standard_fonts/`,
    wasmUrl: `${folder}/wasm/`,
    maxImageSize: largestImage,
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
  });
  const info = await parser.getInfo().catch((thrown: unknown) => {
    throw translate(thrown);
  });
  const document = Reflect.get(parser, "doc") as PdfDocument;
  return {
    document,
    title: (info.info as { Title?: unknown } | undefined)?.Title,
    async readText(number) {
      const page = await document.getPage(number);
      const items = captureItems(page);
      const { pages } = await parser.getText({ partial: [number], pageJoiner: "" });
      return { text: pages[0]?.text ?? "", items: items(), viewport: page.getViewport({ scale: 1 }) };
    },
    async hasImage(number) {
      const page = await document.getPage(number);
      const { fnArray } = await page.getOperatorList();
      return fnArray.some((operator) => imageOperators.has(operator));
    },
    async draw(number) {
      const { width, height } = (await document.getPage(number)).getViewport({ scale: 1 });
      const desiredWidth = Math.min(drawnWidth, Math.floor(Math.sqrt((mostDrawnPixels * width) / height)));
      const { pages } = await parser.getScreenshot({
        partial: [number],
        desiredWidth,
        imageDataUrl: false,
        imageBuffer: true,
      });
      return pages[0]?.data ?? new Uint8Array();
    },
    close: () => parser.destroy(),
  };
}

async function loadLibrary(): Promise<typeof import("pdf-parse")> {
  // pdf.js makes a matrix when it is loaded, for drawing. Drawing needs native code, which the process that reads text may not load.
  if (!process.permission?.has("addon") && !("DOMMatrix" in globalThis)) {
    Object.assign(globalThis, { DOMMatrix: function DOMMatrix() {} });
  }
  return await import("pdf-parse");
}

/** The folder of the pdf.js that pdf-parse uses; another package may bring another version. */
function findPdfJs(): string {
  const library = createRequire(import.meta.url).resolve("pdf-parse");
  return path.dirname(createRequire(library).resolve("pdfjs-dist/package.json"));
}

/** Keeps what pdf-parse gets from pdf.js for a page: it is the same object for both, and its text has no places. */
function captureItems(page: PdfPage): () => PdfTextItem[] {
  const original = page.getTextContent;
  let items: (PdfTextItem | object)[] = [];
  page.getTextContent = async (options) => {
    const content = await original.call(page, options);
    items = content.items;
    return content;
  };
  return () => {
    page.getTextContent = original;
    return items.filter((item): item is PdfTextItem => "str" in item);
  };
}

function translate(thrown: unknown): Failure {
  const name = thrown instanceof Error ? thrown.name : "";
  if (name === "PasswordException") return new Failure("file_encrypted", { cause: thrown });
  return new Failure("file_corrupt", { cause: thrown });
}
