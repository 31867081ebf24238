import { beginStage } from "#lib/ingestion/begin-stage.ts";
import { checkSettings } from "#lib/ingestion/check-settings.ts";
import { type CutDocument, type Cutter, createCutter } from "#lib/ingestion/create-cutter.ts";
import type { DocumentFacts, TakeWindow } from "#lib/ingestion/create-document-writer.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import type { EmbedDeps } from "#lib/ingestion/embed-batch.ts";
import { type ParseProgress, parseInWindows } from "#lib/ingestion/parse-document.ts";
import type { FileContent } from "#lib/ingestion/parse-protocol.ts";
import { recordProgress } from "#lib/ingestion/record-progress.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import { dropSource, fetchSmall, fetchSource, isSmall } from "#lib/ingestion/source-file.ts";
import { partMs } from "#lib/ingestion/step-limits.ts";
import { createWorkStore, type WorkStore } from "#lib/ingestion/work-store.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** How often the pages done are written down while a parser works. */
const progressEveryMs = 500;

interface Parsed extends CutDocument {
  pages: number;
  characters: number;
  attachments: number;
  /** Whether something is stored that nobody reads when the job is published. */
  leavesWork: boolean;
}

/**
 * Reads the original into text, pages and blocks, cuts it into passages, and embeds them in batches, the first ones while reading goes on; a
 * document of one batch is published, too. Null when a minute is over and not all is read: call it again. Safe to repeat: pages
 * and passages that are stored are not read or embedded again.
 */
export async function parse(deps: EmbedDeps, work: JobWork): Promise<Parsed | null> {
  const { supabase } = deps;
  return await dropWhenEnded({ supabase }, work, async () => {
    await checkSettings(deps, work);
    const store = createWorkStore(supabase, work.folder);
    const cutter = createCutter(deps, work, { store, until: performance.now() + partMs });
    try {
      return await readAndCut(supabase, { work, store, cutter });
    } finally {
      await cutter.settle();
    }
  });
}

interface Work {
  work: JobWork;
  store: WorkStore;
  cutter: Cutter;
}

async function readAndCut(supabase: Supabase, { work, store, cutter }: Work): Promise<Parsed | null> {
  const content = isSmall(work)
    ? { bytes: await fetchSmall(supabase, work) }
    : { path: await fetchSource(supabase, work) };
  const drop = async () => void ("path" in content && (await dropSource(work)));
  const start = performance.now();
  const facts = await parseWatched(supabase, { work, content, store, onText: cutter.take }).catch(
    async (thrown: unknown) => {
      await drop();
      throw thrown;
    },
  );
  if (!facts) return null;
  await drop();
  const { title, language, warnings, coverage, attachmentCount: attachments = 0 } = facts;
  const { pages, characters } = coverage;
  const cut = await cutter.finish(
    {
      entered: { parse: performance.now() - start },
      warnings,
      coverage,
      ...(title ? { title } : {}),
      ...(language ? { language } : {}),
      ...(pages > 0 ? { pagesDone: pages, pagesTotal: pages } : {}),
    },
    // What the file carries is registered while the job is in work.
    { mayPublish: attachments === 0 },
  );
  return { pages, characters, attachments, leavesWork: !store.isEmpty(), ...cut };
}

interface Watched {
  work: JobWork;
  content: FileContent;
  store: WorkStore;
  onText: TakeWindow;
}

/**
 * Parses while recording progress; stops the parser as soon as the job is not this worker's any more. Of what is read in no time the
 * stage is not entered here: whoever enters the next one tells.
 */
async function parseWatched(
  supabase: Supabase,
  { work, content, store, onText }: Watched,
): Promise<DocumentFacts | null> {
  const abort = new AbortController();
  let latest: Partial<ParseProgress> = {};
  let isEntered = false;
  async function tell(): Promise<void> {
    if (isEntered) return await recordProgress(supabase, work, latest);
    await beginStage(supabase, work, "parse", latest);
    isEntered = true;
  }
  let writing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    writing = tell().catch((thrown: unknown) => abort.abort(thrown));
  }, progressEveryMs);
  try {
    return await parseInWindows(
      { ...content, fileName: work.fileName, mediaType: work.mediaType },
      {
        store,
        partMs,
        onText,
        signal: abort.signal,
        ocrLanguages: work.settings.ocrLanguages,
        onProgress: (progress) => {
          latest = progress;
        },
      },
    );
  } catch (thrown) {
    if (abort.signal.aborted) throw abort.signal.reason;
    // What went wrong went wrong in this stage.
    await tell();
    throw thrown;
  } finally {
    clearInterval(timer);
    await writing;
  }
}
