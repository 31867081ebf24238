import { asFailure } from "#lib/errors.ts";
import type { RecognisedPage, Survey } from "#lib/ingestion/pages/schema.ts";
import type { ParserPool } from "#lib/ingestion/parser-pool.ts";
import type { PagedType } from "#lib/ingestion/schema.ts";
import type { WorkStore } from "#lib/ingestion/work-store.ts";

/** Ten times what a slow machine needs for a page that lies upside down. */
const pageWallMs = 120_000;
const nothing: RecognisedPage = { text: "", confidence: 0, isBlank: false };

interface Input {
  pool: ParserPool;
  store: WorkStore;
  path: string;
  mediaType: PagedType;
  languages: string;
  /** The pages to recognise. */
  wanted: number[];
  maxPages: number;
  memoryBytes: number;
  signal?: AbortSignal | undefined;
  /** Called with the count of pages that are still to be recognised. */
  onPage: (left: number) => void;
  isTimeUp: () => boolean;
}

/** Recognises pages in their images, each stored by itself, so that none is done twice. Null when the time was up before the last. */
export async function recognisePages(input: Input): Promise<Map<number, RecognisedPage> | null> {
  const wanted = input.wanted.slice(0, input.maxPages);
  const recognised = new Map<number, RecognisedPage>();
  if (wanted.length === 0) return recognised;
  const stored = await input.store.list();
  const queue: number[] = [];
  for (const number of wanted) {
    if (stored.has(nameOf(number))) recognised.set(number, await input.store.read(nameOf(number)));
    else queue.push(number);
  }
  let left = queue.length;
  input.onPage(left);
  async function work(): Promise<void> {
    for (let page = queue.shift(); page !== undefined; page = queue.shift()) {
      const result = await recognise(input, page);
      await input.store.write(nameOf(page), result);
      recognised.set(page, result);
      left -= 1;
      input.onPage(left);
      if (input.isTimeUp()) return;
    }
  }
  // The pool bounds how many are worked on at once, over all documents.
  await Promise.all(Array.from({ length: Math.min(input.pool.concurrency, queue.length) }, work));
  return left === 0 ? recognised : null;
}

export function findUnreadable({ states }: Survey): number[] {
  const hopeful = [...states].filter(([, state]) => state === "none" || state === "sparse" || state === "garbled");
  return hopeful.map(([number]) => number).sort((a, b) => a - b);
}

/** A page that the parser does not survive is a page without text. */
async function recognise(
  { pool, path, mediaType, languages, memoryBytes, signal }: Input,
  page: number,
): Promise<RecognisedPage> {
  try {
    return await pool.lease({ signal, memoryBytes }, (ask) =>
      ask("recognisePage", { path, mediaType, page, languages }, pageWallMs),
    );
  } catch (thrown) {
    signal?.throwIfAborted();
    // An image is nothing but this page.
    if (asFailure(thrown).code === "internal" || mediaType !== "application/pdf") throw thrown;
    return nothing;
  }
}

function nameOf(page: number): string {
  return `scan-${page}`;
}
