import { type CutDocument, createCutter } from "#lib/ingestion/create-cutter.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import type { EmbedDeps } from "#lib/ingestion/embed-batch.ts";
import { type ParseProgress, parseIntoStore } from "#lib/ingestion/parse-document.ts";
import { recordProgress } from "#lib/ingestion/record-progress.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import { dropSource, fetchSource } from "#lib/ingestion/source-file.ts";
import type { DocumentFacts, TakeWindow } from "#lib/ingestion/stored-document.ts";
import { createWorkStore, type WorkStore } from "#lib/ingestion/work-store.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** How often the pages done are written down while a parser works. */
const progressEveryMs = 500;
/** A part of the work, so that no step outlasts what a serverless function may take. */
const partMs = 60_000;

interface Parsed extends CutDocument {
  pages: number;
  characters: number;
  attachments: number;
}

/**
 * Reads the original into text, pages and blocks, stores that, and cuts it into passages, of which full batches are embedded while
 * reading goes on, and those of a small document when it is read. Null when a minute is over: call it again. Safe to repeat: pages that
 * are stored are not read again, and passages that are stored are not embedded again.
 */
export async function parse(deps: EmbedDeps, work: JobWork): Promise<Parsed | null> {
  const { supabase } = deps;
  return await dropWhenEnded({ supabase }, work, async () => {
    const store = createWorkStore(supabase, work.folder);
    const cutter = createCutter(deps, work, store);
    const path = await fetchSource(supabase, work);
    const facts = await parseWatched(supabase, { work, path, store, onText: cutter.take })
      .catch(async (thrown: unknown) => {
        await dropSource(work);
        throw thrown;
      })
      .finally(cutter.settle);
    if (!facts) return null;
    await dropSource(work);
    const { title, language, warnings, coverage, attachmentCount: attachments = 0 } = facts;
    const { pages, characters } = coverage;
    const cut = await cutter.finish({
      warnings,
      coverage,
      ...(title ? { title } : {}),
      ...(language ? { language } : {}),
      ...(pages > 0 ? { pagesDone: pages, pagesTotal: pages } : {}),
    });
    return { pages, characters, attachments, ...cut };
  });
}

interface Watched {
  work: JobWork;
  path: string;
  store: WorkStore;
  onText: TakeWindow;
}

/** Parses while recording progress; stops the parser as soon as the job is not this worker's any more. */
async function parseWatched(supabase: Supabase, { work, path, store, onText }: Watched): Promise<DocumentFacts | null> {
  const abort = new AbortController();
  let latest: ParseProgress | undefined;
  let writing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    writing = recordProgress(supabase, work, latest ?? {}).catch((thrown: unknown) => abort.abort(thrown));
  }, progressEveryMs);
  try {
    return await parseIntoStore(
      { path, fileName: work.fileName, mediaType: work.mediaType },
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
    throw abort.signal.aborted ? abort.signal.reason : thrown;
  } finally {
    clearInterval(timer);
    await writing;
  }
}
