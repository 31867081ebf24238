import { Failure } from "#lib/errors.ts";
import type { PagedHead, PageRecord } from "#lib/ingestion/pages/schema.ts";
import type { ParseLimits } from "#lib/ingestion/parse-protocol.ts";
import type { AskParser, ParserPool } from "#lib/ingestion/parser-pool.ts";
import type { PagedType } from "#lib/ingestion/schema.ts";
import { createMemoryStore, type WorkStore } from "#lib/ingestion/work-store.ts";

/** Of so many pages text is put together at a time; of the first two windows when both are read, for running heads show in so many. */
const windowPages = 25;
/** So many are stored as one object, and read again after a crash in their midst. */
const windowsPerObject = 4;
const pagesPerObject = windowPages * windowsPerObject;
/** What each page adds to the time that a file may take: ten times what one takes. */
const pageMs = 50;

interface Input {
  pool: ParserPool;
  store: WorkStore;
  path: string;
  mediaType: PagedType;
  limits: ParseLimits;
  signal?: AbortSignal | undefined;
  /** Called with each window in order; the next one is read meanwhile. */
  onWindow: (pages: PageRecord[], head: PagedHead) => Promise<void>;
  /** Whether to stop after the window that was just read. */
  isTimeUp: () => boolean;
}

/** What one window of pages took, for the file's time limit goes on where a former attempt ended. */
interface StoredWindow {
  pages: PageRecord[];
  tookMs: number;
}

export interface ReadPages {
  head: PagedHead;
  /** Waits for what is still on its way to the store. */
  settle(): Promise<void>;
  /** The pages of a window, by its index, once more. */
  read(window: number): Promise<PageRecord[]>;
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
    // What fits into one object is read again sooner than it is stored.
    const isLong = count > windowsPerObject;
    const store = isLong ? input.store : createMemoryStore();
    const stored = isLong ? await store.list() : new Set<string>();
    const { readWindow, readAgain, settle } = createWindowReader({ ask, store, stored, limits, head });
    let spentMs = performance.now() - start;
    let characters = 0;
    let next = readWindow(0, spentMs);
    try {
      for (let index = 0; index < count; index += 1) {
        const { pages, tookMs } = await next;
        spentMs += tookMs;
        characters += countCharacters(pages);
        if (characters > limits.maxCharacters) throw new Failure("file_too_complex");
        const isLast = index + 1 === count;
        // Each call reads something new, however long it took to come to where the former one ended.
        const stops = !isLast && endsObject(index) && !stored.has(nameOf(index)) && input.isTimeUp();
        if (!isLast && !stops) next = readWindow(index + 1, spentMs);
        await Promise.all([input.onWindow(pages, head), next]);
        if (stops) {
          await settle();
          return null;
        }
      }
      await ask("closePages", {}, limits.wallMs);
    } catch (thrown) {
      await settle();
      throw thrown;
    }
    return { head, settle, read: async (window) => (await readAgain(window)).pages };
  });
}

interface Windows {
  ask: AskParser;
  store: WorkStore;
  stored: ReadonlySet<string>;
  limits: ParseLimits;
  head: PagedHead;
}

/** Windows are stored while the next ones are read: the parser is what a long file waits for. */
function createWindowReader({ ask, store, stored, limits, head }: Windows) {
  let open: StoredWindow[] = [];
  let writing: Promise<void> = Promise.resolve();
  let known: { name: string; windows: StoredWindow[] } | undefined;

  async function readAgain(index: number): Promise<StoredWindow> {
    const name = nameOf(index);
    await writing;
    if (known?.name !== name) known = { name, windows: await store.read<StoredWindow[]>(name) };
    const window = known.windows[index % windowsPerObject];
    if (!window) throw new Error(`${name} has no window ${index}.`);
    return window;
  }

  async function readWindow(index: number, spentMs: number): Promise<StoredWindow> {
    if (stored.has(nameOf(index))) return await readAgain(index);
    const begun = performance.now();
    const range = { from: index * windowPages + 1, to: Math.min((index + 1) * windowPages, head.pages) };
    const pages = await ask("readPages", range, limits.wallMs + head.pages * pageMs - spentMs);
    const window = { pages, tookMs: performance.now() - begun };
    open.push(window);
    if (endsObject(index) || range.to === head.pages) {
      await writing;
      writing = store.write(nameOf(index), open);
      // Whoever waits for it is told; until then nobody may.
      writing.catch(() => undefined);
      open = [];
    }
    return window;
  }

  return { readWindow, readAgain, settle: () => writing };
}

/** The object that a window is stored in, by its pages: `pages-101-200`. */
function nameOf(window: number): string {
  const object = Math.floor(window / windowsPerObject);
  return `pages-${object * pagesPerObject + 1}-${(object + 1) * pagesPerObject}`;
}

function endsObject(window: number): boolean {
  return (window + 1) % windowsPerObject === 0;
}

function countCharacters(pages: PageRecord[]): number {
  return pages.reduce((sum, { lines }) => sum + lines.reduce((total, { text }) => total + text.length, 0), 0);
}
