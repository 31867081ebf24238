import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import { asProgress } from "#lib/ingestion/record-progress.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** What a process has of its own; all else is as the job began with it. */
const ownSettings = ["parser", "chunker", "model", "dimensions"] as const;

/**
 * Sees to it that a job is not ended by another parser, chunker or model than it was begun with, which would make its index a mixture:
 * its document is queued again by the settings of this process. Throws `job_superseded` then. The event is left to the sweep of the
 * outbox: two versions of the app, while one replaces the other, would send the document to and fro. Safe to repeat, also at the same time.
 */
export async function checkSettings(
  { supabase, env }: { supabase: Supabase; env: Env },
  job: Pick<JobWork, "jobId" | "attempt" | "runId" | "settings">,
): Promise<void> {
  const settings = pipelineSettings(env);
  if (ownSettings.every((name) => job.settings[name] === settings[name])) return;
  const asked = { p_job_id: job.jobId, p_attempt: job.attempt, p_progress: asProgress(job, {}) };
  unwrap(await supabase.rpc("begin_anew", { ...asked, p_settings: { ...settings } }));
  throw new Failure("job_superseded");
}
