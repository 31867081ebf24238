import { stat } from "node:fs/promises";
import { asFailure } from "#lib/errors.ts";
import type { ParseLimits, ParseProgress } from "#lib/ingestion/parse-protocol.ts";
import { createParserPool } from "#lib/ingestion/parser-pool.ts";
import type { MediaType, ParsedDocument } from "#lib/ingestion/schema.ts";

interface Input {
  path: string;
  fileName: string;
  mediaType: MediaType;
}

interface Options {
  /** Called for every page that is done; formats without pages report none. */
  onProgress?: (progress: ParseProgress) => void;
  limits?: Partial<ParseLimits>;
  /** Stops the parser at once; the call then throws the signal's reason. */
  signal?: AbortSignal;
}

const megabyte = 1024 * 1024;
const longestMs = 10 * 60_000;

/** Milliseconds that a file of a type may take, and what each megabyte adds: about ten times what a slow machine needs. */
const patience: Partial<Record<MediaType, [base: number, perMegabyte: number]>> = {
  "application/pdf": [60_000, 10_000],
  "text/html": [30_000, 5_000],
  "text/markdown": [30_000, 15_000],
  "text/plain": [30_000, 5_000],
};
/** The same for archives of markup: Office documents, slides, sheets and books. */
const archivePatience = [60_000, 20_000] as const;

// Every caller shares the processes: this is what bounds how many there are.
const pool = createParserPool();

/**
 * Reads a file into text, pages and blocks, in a process that is stopped when it takes too much. The same bytes give the
 * same document. Throws `file_corrupt`, `file_encrypted`, `file_too_complex` or `text_missing`.
 */
export async function parseDocument(input: Input, options: Options = {}): Promise<ParsedDocument> {
  const { size } = await stat(input.path);
  const limits = { ...limitsFor(input.mediaType, size), ...options.limits };
  try {
    return await pool.run({ ...input, limits }, options);
  } catch (thrown) {
    // Markdown is text whatever its marks do to a parser; some patterns of them take it forever.
    const canFallBack = input.mediaType === "text/markdown" && !options.signal?.aborted;
    if (!canFallBack || !["file_too_complex", "internal"].includes(asFailure(thrown).code)) throw thrown;
    const plain = await pool.run({ ...input, mediaType: "text/plain", limits }, options);
    const message = "The file's Markdown could not be understood, so it was read as plain text, without headings.";
    return { ...plain, warnings: [...plain.warnings, { code: "fallback_plain_text", message }] };
  }
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
