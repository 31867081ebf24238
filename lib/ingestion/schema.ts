import { sourceEndings } from "#lib/ingestion/source-languages.ts";

/** What a parser can read, told by content first (`detect-media-type.ts`): its name for people, and its endings, the usual one first. */
export const mediaTypes = {
  "application/pdf": { name: "PDF", endings: [".pdf"] },
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": { name: "Word", endings: [".docx"] },
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": {
    name: "PowerPoint",
    endings: [".pptx"],
  },
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": { name: "Excel", endings: [".xlsx"] },
  "application/vnd.oasis.opendocument.text": { name: "OpenDocument text", endings: [".odt"] },
  "application/vnd.oasis.opendocument.presentation": { name: "OpenDocument slides", endings: [".odp"] },
  "application/vnd.oasis.opendocument.spreadsheet": { name: "OpenDocument sheet", endings: [".ods"] },
  "application/rtf": { name: "Rich Text", endings: [".rtf"] },
  "application/epub+zip": { name: "EPUB", endings: [".epub"] },
  "message/rfc822": { name: "E-mail", endings: [".eml"] },
  "application/mbox": { name: "Mailbox", endings: [".mbox"] },
  "image/png": { name: "PNG", endings: [".png"] },
  "image/jpeg": { name: "JPEG", endings: [".jpg", ".jpeg"] },
  "image/webp": { name: "WebP", endings: [".webp"] },
  "image/gif": { name: "GIF", endings: [".gif"] },
  "text/html": { name: "HTML", endings: [".html", ".htm"] },
  "text/markdown": { name: "Markdown", endings: [".md", ".markdown", ".mdx"] },
  "text/csv": { name: "CSV", endings: [".csv"] },
  "text/tab-separated-values": { name: "TSV", endings: [".tsv", ".tab"] },
  "application/json": { name: "JSON", endings: [".json", ".geojson", ".jsonld"] },
  "application/jsonl": { name: "JSON Lines", endings: [".jsonl", ".ndjson"] },
  "text/x-source": { name: "Source code", endings: sourceEndings },
  "text/plain": { name: "Text", endings: [".txt"] },
} as const satisfies Record<string, { name: string; endings: readonly [string, ...string[]] }>;

export type MediaType = keyof typeof mediaTypes;
/** Formats whose pages are read some at a time, and looked at as images where they have no text. */
export type PagedType = "application/pdf" | Extract<MediaType, `image/${string}`>;
/** Formats that are read at once. */
export type WholeType = Exclude<MediaType, PagedType>;

export function isPaged(mediaType: MediaType): mediaType is PagedType {
  return mediaType === "application/pdf" || mediaType.startsWith("image/");
}

/** What can be read, in words. */
export const readableTypes = Object.values(mediaTypes)
  .map(({ name, endings }) => `${name} (${endings.length > 5 ? `${endings.slice(0, 5).join(" ")} …` : endings[0]})`)
  .join(", ");

/** Something that the reader of a document should know, though it is searchable. `pages` are 1-based. */
export interface Warning {
  code:
    | "pages_without_text"
    | "page_failed"
    | "ocr_low_confidence"
    | "encoding_guessed"
    | "text_garbled"
    | "fallback_plain_text"
    | "file_recovered"
    | "attachment_skipped";
  message: string;
  pages?: number[];
}

/** A run of text of one kind. Offsets are UTF-16 units into the document's text: `text.slice(start, end)` is the block. */
export interface Block {
  kind: "heading" | "paragraph" | "list" | "table" | "code" | "quote" | "form";
  /** 1 to 6, on headings only. */
  level?: number;
  /** A heading's words where the text does not hold them (an outline that names what the page does not print); `start` is `end` then. */
  title?: string;
  start: number;
  end: number;
}

/** Pages tile the text of a paged document (PDF); a document without pages has none. `number` is 1-based. */
export interface Page {
  number: number;
  /** The label that is printed on the page, where the file tells one ("iv"). */
  label?: string;
  /** Set when the text was recognised in the page's image. */
  source?: "ocr";
  start: number;
  end: number;
}

/** How much of a document was read. Pages are counted; a document without pages has 0 of them. */
export interface Coverage {
  pages: number;
  textPages: number;
  ocrPages: number;
  /** Pages on which nothing is drawn, as far as they were looked at. */
  blankPages: number;
  /** Pages that could not be read, or hold an image in which nothing was recognised. */
  unreadPages: number;
  /** UTF-16 units of text. */
  characters: number;
  /** Lines of running heads and feet that were left out. */
  runningLines: number;
  /** How the letters of a text file were encoded, null for other files. */
  encoding: string | null;
}

/**
 * A document as its parser read it. `text` is the one canonical text: NFC, well formed, no NUL or other control
 * characters but \n and \t; every later offset points into it. Blocks are ordered and do not overlap.
 */
export interface ParsedDocument {
  title: string | null;
  /** ISO 639-1 code of the main language, null where that is unclear. */
  language: string | null;
  text: string;
  pages: Page[];
  blocks: Block[];
  warnings: Warning[];
  coverage: Coverage;
  /** How many files the file carries that can be opened one by one (`open-attachments.ts`); none when left out. */
  attachmentCount?: number;
}

/** What a parser gives: all but the language, which is told where the whole text comes by. */
export type ParserOutput = Omit<ParsedDocument, "language">;

/** A run of a document's text with the blocks and pages in it; offsets are those of the whole document. */
export type ParsedWindow = Pick<ParsedDocument, "text" | "pages" | "blocks">;

/** One passage: `content` is `text.slice(charFrom, charTo)` of the parsed document. */
export interface Chunk {
  ordinal: number;
  content: string;
  /** The headings above the passage, outermost first. */
  headingPath: string[];
  /** The row that names the columns, where the passage begins further down in a table. */
  tableHead?: string;
  pageFrom: number | null;
  pageTo: number | null;
  charFrom: number;
  charTo: number;
  /** Tokens of what is embedded (`embeddingInput`), by cl100k_base. */
  tokenCount: number;
}

/** How a job cuts and embeds; stored with the job, so that a retry does as the first try did. */
export interface PipelineSettings {
  parser: string;
  chunker: string;
  chunkTokens: number;
  chunkOverlapTokens: number;
  model: string;
  dimensions: number;
  /** What is recognised in images, as Tesseract writes it ("eng+deu"); nothing is when it is left out. */
  ocrLanguages?: string;
}

/** Which job, and which taking-up of it: every write of a stage names both, so that a late worker changes nothing. */
export interface JobRef {
  jobId: string;
  attempt: number;
  /** Of a job that is not taken up yet: the run that does so with the first that it tells of it. */
  runId?: string;
}

/** What every stage of a job knows about it. */
export interface JobWork extends JobRef {
  /** Which ingestion of its document it is, from 1. */
  number: number;
  documentId: string;
  ownerId: string;
  storageKey: string;
  fileName: string;
  mediaType: MediaType;
  sizeBytes: number;
  sha256: string;
  settings: PipelineSettings;
  /** Where in the bucket `ingestion` the stages of this job leave what the next one reads. */
  folder: string;
}

export function folderOf({ ownerId, documentId, jobId }: Pick<JobWork, "ownerId" | "documentId" | "jobId">): string {
  return `${ownerId}/${documentId}/${jobId}`;
}

/** What is sent to the embedding model for a passage: its headings and the head of its table, then its text. Shown to nobody. */
export function embeddingInput({
  headingPath,
  tableHead,
  content,
}: Pick<Chunk, "headingPath" | "tableHead" | "content">): string {
  const headings = headingPath.length === 0 ? "" : `${headingPath.join(" > ")}\n\n`;
  return `${headings}${tableHead === undefined ? "" : `${tableHead}\n`}${content}`;
}
