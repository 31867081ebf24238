import { writeArtifact } from "#lib/ingestion/artifacts.ts";
import { beginStage, type JobRef } from "#lib/ingestion/begin-stage.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import { recordProgress } from "#lib/ingestion/record-progress.ts";
import type { JobWork, ParsedDocument } from "#lib/ingestion/schema.ts";
import { dropSource, fetchSource } from "#lib/ingestion/source-file.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** How often the pages done are written down while a parser works. */
const progressEveryMs = 500;

/** Reads the original into text, pages and blocks, and stores that for the next stage. Safe to repeat. */
export async function parse(
  { supabase }: { supabase: Supabase },
  job: JobRef,
): Promise<{ pages: number; characters: number; warnings: number }> {
  const work = await beginStage(supabase, job, "parse");
  return await dropWhenEnded({ supabase }, work, async () => {
    const path = await fetchSource(supabase, work);
    const parsed = await parseWatched(supabase, work, path).finally(() => dropSource(work));
    await writeArtifact(supabase, `${work.folder}/parsed.json.gz`, parsed);
    await recordProgress(supabase, job, {
      warnings: parsed.warnings,
      ...(parsed.title ? { title: parsed.title } : {}),
      ...(parsed.pages.length > 0 ? { pagesDone: parsed.pages.length, pagesTotal: parsed.pages.length } : {}),
    });
    return { pages: parsed.pages.length, characters: parsed.text.length, warnings: parsed.warnings.length };
  });
}

/** Parses while recording progress; stops the parser as soon as the job is not this worker's any more. */
async function parseWatched(supabase: Supabase, work: JobWork, path: string): Promise<ParsedDocument> {
  const abort = new AbortController();
  let latest: { pagesDone: number; pagesTotal: number } | undefined;
  let writing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    writing = recordProgress(supabase, work, latest ?? {}).catch((thrown: unknown) => abort.abort(thrown));
  }, progressEveryMs);
  try {
    return await parseDocument(
      { path, fileName: work.fileName, mediaType: work.mediaType },
      {
        signal: abort.signal,
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
