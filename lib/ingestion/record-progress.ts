import type { Stage } from "#lib/documents/schema.ts";
import { Failure } from "#lib/errors.ts";
import type { Coverage, JobRef, Warning } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import type { Database } from "#lib/supabase/database.types.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

export interface Progress {
  pagesDone?: number;
  pagesTotal?: number;
  chunksTotal?: number;
  /** Steps that embed its passages side by side. */
  places?: number;
  title?: string;
  language?: string;
  warnings?: Warning[];
  coverage?: Coverage;
  /** Stages that were entered and not told yet, by the milliseconds since; only whoever enters a stage tells them. */
  entered?: Partial<Record<Stage, number>>;
}

type Told = Database["public"]["Functions"]["record_progress"]["Args"]["p_progress"];

/** Records what a stage found out; it is also the job's sign of life. Throws `job_superseded`. Safe to repeat: counts never fall. */
export async function recordProgress(supabase: Supabase, job: JobRef, progress: Progress): Promise<void> {
  const told = { p_job_id: job.jobId, p_attempt: job.attempt, p_progress: asProgress(job, progress) };
  if (!unwrap(await supabase.rpc("record_progress", told))) throw new Failure("job_superseded");
}

/** As `enter_stage` takes it. */
export function asProgress({ runId }: JobRef, progress: Progress): Told {
  return JSON.parse(JSON.stringify({ ...progress, runId }));
}
