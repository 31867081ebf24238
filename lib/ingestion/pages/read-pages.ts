import { Failure } from "#lib/errors.ts";
import type { PagedHead, PageRecord, Survey } from "#lib/ingestion/pages/schema.ts";
import { createSurvey, surveyPages } from "#lib/ingestion/pages/survey-pages.ts";
import type { ParseLimits } from "#lib/ingestion/parse-protocol.ts";
import type { ParserPool } from "#lib/ingestion/parser-pool.ts";
import type { PagedType } from "#lib/ingestion/schema.ts";
import { createMemoryStore, type WorkStore } from "#lib/ingestion/work-store.ts";

/** As many pages as are kept in memory, and read again after a crash. */
const windowPages = 50;
/** What each page adds to the time that a file may take: ten times what one takes. */
const pageMs = 50;

interface Input {
  pool: ParserPool;
  store: WorkStore;
  path: string;
  mediaType: PagedType;
  limits: ParseLimits;
  signal?: AbortSignal | undefined;
  onWindow: (survey: Survey, head: PagedHead) => void;
  /** Whether to stop after the window that was just stored. */
  isTimeUp: () => boolean;
}

/** What one window of pages took, for the file's time limit goes on where a former attempt ended. */
interface StoredWindow {
  pages: PageRecord[];
  tookMs: number;
}

export interface ReadPages {
  head: PagedHead;
  survey: Survey;
  windows(): AsyncIterable<PageRecord[]>;
}

/**
 * Reads the text layer of a file's pages, a window at a time; a window that is stored is not read again. Null when the time was up
 * before the last. Throws `file_encrypted`, `file_corrupt`, `file_too_complex`.
 */
export async function readPages(input: Input): Promise<ReadPages | null> {
  const { pool, path, mediaType, limits, signal } = input;
  return await pool.lease({ signal, memoryBytes: limits.memoryBytes }, async (ask) => {
    const start = performance.now();
    const head = await ask("openPages", { path, mediaType }, limits.wallMs);
    if (head.pages > limits.maxPages) {
      throw new Failure("file_too_complex", {
        detail: `The file has ${head.pages} pages; the limit is ${limits.maxPages}.`,
      });
    }
    const count = Math.ceil(head.pages / windowPages);
    // What fits into one window is read again sooner than it is stored.
    const store = count > 1 ? input.store : createMemoryStore();
    const stored = count > 1 ? await store.list() : new Set();
    const survey = createSurvey();
    let spentMs = performance.now() - start;
    let characters = 0;
    for (let index = 0; index < count; index += 1) {
      const name = `pages-${index}`;
      let window: StoredWindow;
      if (stored.has(name)) window = await store.read<StoredWindow>(name);
      else {
        if (index > 0 && input.isTimeUp()) return null;
        const begun = performance.now();
        const range = { from: index * windowPages + 1, to: Math.min((index + 1) * windowPages, head.pages) };
        const pages = await ask("readPages", range, limits.wallMs + head.pages * pageMs - spentMs);
        window = { pages, tookMs: performance.now() - begun };
        await store.write(name, window);
      }
      spentMs += window.tookMs;
      characters += countCharacters(window.pages);
      if (characters > limits.maxCharacters) throw new Failure("file_too_complex");
      surveyPages(survey, window.pages);
      input.onWindow(survey, head);
    }
    await ask("closePages", {}, limits.wallMs);
    return { head, survey, windows: () => readWindows(store, count) };
  });
}

async function* readWindows(store: WorkStore, count: number): AsyncIterable<PageRecord[]> {
  for (let index = 0; index < count; index += 1) yield (await store.read<StoredWindow>(`pages-${index}`)).pages;
}

function countCharacters(pages: PageRecord[]): number {
  return pages.reduce((sum, { lines }) => sum + lines.reduce((total, { text }) => total + text.length, 0), 0);
}
