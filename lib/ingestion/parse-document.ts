import { stat } from "node:fs/promises";
import { asFailure } from "#lib/errors.ts";
import {
  createDocumentWriter,
  type DocumentFacts,
  type DocumentWriter,
  type TakeWindow,
} from "#lib/ingestion/create-document-writer.ts";
import { createPagesBuilder, type PagesBuilder } from "#lib/ingestion/pages/build-pages.ts";
import { readPages } from "#lib/ingestion/pages/read-pages.ts";
import { findUnreadable, recognisePages } from "#lib/ingestion/pages/recognise-pages.ts";
import type { PagedHead, PageRecord, RecognisedPage } from "#lib/ingestion/pages/schema.ts";
import { createSurvey, surveyPages } from "#lib/ingestion/pages/survey-pages.ts";
import type { FileContent, ParseLimits } from "#lib/ingestion/parse-protocol.ts";
import { ocrProcesses, parserProcesses } from "#lib/ingestion/parser-processes.ts";
import {
  isPaged,
  type MediaType,
  type PagedType,
  type ParsedDocument,
  type ParsedWindow,
  type ParserOutput,
  type WholeType,
} from "#lib/ingestion/schema.ts";
import { createMemoryStore, type WorkStore } from "#lib/ingestion/work-store.ts";

type Input<T extends MediaType = MediaType> = FileContent & { fileName: string; mediaType: T };

/** Pages that are done, of a paged document. */
export interface ParseProgress {
  pagesDone: number;
  pagesTotal: number;
}

interface Options {
  onProgress?: (progress: ParseProgress) => void;
  limits?: Partial<ParseLimits>;
  /** Stops the parser at once; the call then throws the signal's reason. */
  signal?: AbortSignal;
  /** What to look for in images, as Tesseract writes it ("eng+deu"); nothing when left out. */
  ocrLanguages?: string | undefined;
}

interface StoreOptions extends Options {
  store: WorkStore;
  /** After this long it ends early, with what is done stored; the same call again goes on from there. */
  partMs?: number;
  onText: TakeWindow;
}

const megabyte = 1024 * 1024;
const longestMs = 10 * 60_000;
const mostOcrPages = 300;

/** Milliseconds that a file of a type may take, and what each megabyte adds: about ten times what a slow machine needs. */
const patience: Partial<Record<MediaType, [base: number, perMegabyte: number]>> = {
  "application/pdf": [60_000, 10_000],
  "text/html": [30_000, 5_000],
  "text/markdown": [30_000, 15_000],
  "text/plain": [30_000, 5_000],
  "text/csv": [30_000, 5_000],
  "text/tab-separated-values": [30_000, 5_000],
  "application/json": [30_000, 10_000],
  "application/jsonl": [30_000, 10_000],
  "text/x-source": [30_000, 5_000],
};
/** The same for archives of markup: Office documents, slides, sheets and books. */
const archivePatience = [60_000, 20_000] as const;

/**
 * Reads a file into text, pages and blocks, in a process that is stopped when it takes too much. The same bytes give the
 * same document. Throws `file_corrupt`, `file_encrypted`, `file_too_complex` or `text_missing`.
 */
export async function parseDocument(input: Input, options: Options = {}): Promise<ParsedDocument> {
  const windows: ParsedWindow[] = [];
  const facts = await parseInWindows(input, {
    ...options,
    store: createMemoryStore(),
    onText: async (window) => void windows.push(window),
  });
  if (!facts) throw new Error("A document without a limit of time was not read to its end.");
  return {
    ...facts,
    text: windows.map((window) => window.text).join(""),
    pages: windows.flatMap((window) => window.pages),
    blocks: windows.flatMap((window) => window.blocks),
  };
}

/**
 * The same window by window: each is handed to `onText` as soon as it is put together, in order, from the first on. Pages are left in the
 * store, and not read again where they are there already. Null when `partMs` was over before the end. Safe to repeat.
 */
export async function parseInWindows(input: Input, options: StoreOptions): Promise<DocumentFacts | null> {
  const size = "bytes" in input ? input.bytes.length : (await stat(input.path)).size;
  const limits = { ...limitsFor(input.mediaType, size), ...options.limits };
  const { mediaType } = input;
  const stop = new AbortController();
  const writer = createDocumentWriter(options.onText, (thrown) => stop.abort(thrown));
  const signal = AbortSignal.any(options.signal ? [options.signal, stop.signal] : [stop.signal]);
  const shared = { ...options, signal, writer };
  try {
    if (!isPaged(mediaType)) return await parseWhole({ ...input, mediaType }, limits, shared);
    if ("bytes" in input) throw new Error("Pages are read of a file on disk.");
    return await parsePages({ path: input.path, mediaType }, limits, shared);
  } finally {
    await writer.stop();
  }
}

/**
 * The text of pages is put together while further ones are read, once two windows were looked at: running heads show by then. From the
 * first window on with a page that must be recognised in its image, it waits until all are read.
 */
async function parsePages(
  input: { path: string; mediaType: PagedType },
  limits: ParseLimits,
  options: StoreOptions & { writer: DocumentWriter },
): Promise<DocumentFacts | null> {
  const {
    store,
    signal,
    writer,
    ocrLanguages: languages = "",
    partMs = Number.POSITIVE_INFINITY,
    onProgress,
  } = options;
  const { maxCharacters, memoryBytes } = limits;
  const start = performance.now();
  const shared = { ...input, store, signal, isTimeUp: () => performance.now() - start > partMs };
  const survey = createSurvey();
  const findWaiting = () => (languages === "" ? [] : findUnreadable(survey));
  let builder: PagesBuilder | undefined;
  let surveyed = 0;
  let built = 0;
  let former: PageRecord[] = [];

  function build(head: PagedHead, pages: PageRecord[], recognised: Map<number, RecognisedPage>): void {
    builder ??= createPagesBuilder({ head, survey, languages, maxCharacters });
    const window = builder.add(pages, recognised);
    built += 1;
    if (window) writer.add(window);
  }

  const read = await readPages({
    ...shared,
    pool: parserProcesses,
    limits,
    onWindow: async (pages, head) => {
      surveyPages(survey, pages);
      surveyed += 1;
      const waiting = new Set(findWaiting());
      onProgress?.({ pagesDone: survey.states.size - waiting.size, pagesTotal: head.pages });
      const known = surveyed === 1 ? [] : surveyed === 2 ? [former, pages] : [pages];
      for (const [index, window] of known.entries()) {
        const isNext = built === surveyed - known.length + index;
        if (isNext && window.every(({ number }) => !waiting.has(number))) build(head, window, new Map());
      }
      former = pages;
    },
  });
  if (!read) return null;
  try {
    const { head } = read;
    const onPage = (left: number) => onProgress?.({ pagesDone: head.pages - left, pagesTotal: head.pages });
    const scans = { languages, wanted: findWaiting(), maxPages: mostOcrPages, memoryBytes, onPage };
    const recognised = await recognisePages({ ...shared, ...scans, pool: ocrProcesses });
    if (!recognised) return null;
    while (built < surveyed - 1) build(head, await read.read(built), recognised);
    if (built < surveyed) build(head, former, recognised);
    builder ??= createPagesBuilder({ head, survey, languages, maxCharacters });
    return await writer.finish(builder.finish(recognised));
  } finally {
    await read.settle();
  }
}

/**
 * What the parser does not get through is read as plain text, where it may be: Markdown is text whatever its marks do to a parser, and some
 * patterns of them take it forever. What was handed on before stays as it is.
 */
async function parseWhole(
  input: Input<WholeType>,
  limits: ParseLimits,
  { signal, writer }: Options & { writer: DocumentWriter },
): Promise<DocumentFacts> {
  const { wallMs, memoryBytes, ...most } = limits;
  /** Where the text ends that was handed on. */
  let end = 0;

  function onWindow(window: ParsedWindow, windowEnd: number): void {
    // A second attempt begins at the beginning.
    if (windowEnd <= end) return;
    end = windowEnd;
    writer.add(window);
  }

  async function parse(plainFrom?: number): Promise<ParserOutput> {
    return await parserProcesses.lease({ signal, memoryBytes }, (ask) =>
      ask("parse", { ...input, ...most, plainFrom }, wallMs, onWindow),
    );
  }

  async function fallBack(thrown: unknown): Promise<ParserOutput> {
    const canFallBack = input.mediaType === "text/markdown" && !signal?.aborted;
    if (!canFallBack || !["file_too_complex", "internal"].includes(asFailure(thrown).code)) throw thrown;
    const plain = await parse(end);
    const part = end > 0 ? "From some place on the" : "The";
    const message = `${part} file's Markdown could not be understood, so it was read as plain text, without headings.`;
    return { ...plain, warnings: [...plain.warnings, { code: "fallback_plain_text", message }] };
  }

  return await writer.finish(await parse().catch(fallBack));
}

function limitsFor(mediaType: MediaType, size: number): ParseLimits {
  const [base, perMegabyte] = patience[mediaType] ?? archivePatience;
  return {
    wallMs: Math.min(base + (size / megabyte) * perMegabyte, longestMs),
    memoryBytes: 1024 * megabyte,
    maxPages: 5_000,
    maxCharacters: 50_000_000,
  };
}
