import { beginStage, type JobRef } from "#lib/ingestion/begin-stage.ts";
import { fetchSource } from "#lib/ingestion/source-file.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** Fetches the original and checks that it is whole. Throws `source_missing`, `storage_unavailable`, `job_superseded`. Safe to repeat. */
export async function download({ supabase }: { supabase: Supabase }, job: JobRef): Promise<{ sizeBytes: number }> {
  const work = await beginStage(supabase, job, "download");
  await fetchSource(supabase, work);
  return { sizeBytes: work.sizeBytes };
}
