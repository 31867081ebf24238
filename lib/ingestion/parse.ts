import { beginStage, type JobRef } from "#lib/ingestion/begin-stage.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import { type ParseProgress, parseIntoStore } from "#lib/ingestion/parse-document.ts";
import { recordProgress } from "#lib/ingestion/record-progress.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import { dropSource, fetchSource } from "#lib/ingestion/source-file.ts";
import type { DocumentFacts } from "#lib/ingestion/stored-document.ts";
import { createWorkStore, type WorkStore } from "#lib/ingestion/work-store.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** How often the pages done are written down while a parser works. */
const progressEveryMs = 500;
/** A part of the work, so that no step outlasts what a serverless function may take. */
const partMs = 60_000;

/**
 * Reads the original into text, pages and blocks, and stores that for the next stage. Of a long paged document a part: with
 * `isDone` false, call it again. Safe to repeat: pages that are stored are not read again.
 */
export async function parse(
  { supabase }: { supabase: Supabase },
  job: JobRef,
): Promise<{ isDone: boolean; pages: number; characters: number; attachments: number }> {
  const work = await beginStage(supabase, job, "parse");
  return await dropWhenEnded({ supabase }, work, async () => {
    const store = createWorkStore(supabase, work.folder);
    const path = await fetchSource(supabase, work);
    const facts = await parseWatched(supabase, work, path, store).catch(async (thrown: unknown) => {
      await dropSource(work);
      throw thrown;
    });
    if (!facts) return { isDone: false, pages: 0, characters: 0, attachments: 0 };
    await dropSource(work);
    const { title, language, warnings, coverage, attachmentCount: attachments = 0 } = facts;
    const { pages, characters } = coverage;
    await recordProgress(supabase, job, {
      warnings,
      coverage,
      ...(title ? { title } : {}),
      ...(language ? { language } : {}),
      ...(pages > 0 ? { pagesDone: pages, pagesTotal: pages } : {}),
    });
    return { isDone: true, pages, characters, attachments };
  });
}

/** Parses while recording progress; stops the parser as soon as the job is not this worker's any more. */
async function parseWatched(
  supabase: Supabase,
  work: JobWork,
  path: string,
  store: WorkStore,
): Promise<DocumentFacts | null> {
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
