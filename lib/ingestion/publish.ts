import type { Env } from "#lib/env.ts";
import { checkSettings } from "#lib/ingestion/check-settings.ts";
import { readPublished } from "#lib/ingestion/read-published.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * Makes the job's passages the ones that search sees, in one UPDATE, after the database has checked that all are there.
 * Throws `embedding_incomplete` with the ordinals that are missing, `job_superseded`.
 */
export async function publish(
  { supabase, env }: { supabase: Supabase; env: Env },
  job: JobWork,
): Promise<{ chunks: number }> {
  await checkSettings({ supabase, env }, job);
  return readPublished(unwrap(await supabase.rpc("publish_job", { p_job_id: job.jobId, p_attempt: job.attempt })));
}
