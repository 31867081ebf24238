import { beginStage, type JobRef } from "#lib/ingestion/begin-stage.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import { recordProgress } from "#lib/ingestion/record-progress.ts";
import { fetchSource } from "#lib/ingestion/source-file.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** Fetches the original and checks that it is whole. Throws `source_missing`, `storage_unavailable`, `job_superseded`. Safe to repeat. */
export async function download({ supabase }: { supabase: Supabase }, job: JobRef): Promise<{ sizeBytes: number }> {
  const work = await beginStage(supabase, job, "download");
  return await dropWhenEnded({ supabase }, work, async () => {
    await fetchSource(supabase, work);
    await recordProgress(supabase, job, {});
    return { sizeBytes: work.sizeBytes };
  });
}
