import type { Stage } from "#lib/documents/schema.ts";
import { Failure } from "#lib/errors.ts";
import type { Coverage, JobRef, Warning } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

export interface Progress {
  pagesDone?: number;
  pagesTotal?: number;
  chunksTotal?: number;
  title?: string;
  language?: string;
  warnings?: Warning[];
  coverage?: Coverage;
  /** Stages that were entered and not told yet, by the milliseconds since; only whoever enters a stage tells them. */
  entered?: Partial<Record<Stage, number>>;
}

/** Records what a stage found out; it is also the job's sign of life. Throws `job_superseded`. Safe to repeat: counts never fall. */
export async function recordProgress(
  supabase: Supabase,
  { jobId, attempt }: JobRef,
  progress: Progress,
): Promise<void> {
  const alive = unwrap(
    await supabase.rpc("record_progress", {
      p_job_id: jobId,
      p_attempt: attempt,
      p_progress: JSON.parse(JSON.stringify(progress)),
    }),
  );
  if (!alive) throw new Failure("job_superseded");
}
