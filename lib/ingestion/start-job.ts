import { Failure } from "#lib/errors.ts";
import type { JobRef } from "#lib/ingestion/begin-stage.ts";
import type { PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  documentId: string;
  /** Left out by whoever asks for a reprocess by an event of their own: then the event itself is the job's identity. */
  jobId?: string | undefined;
  eventId: string;
  runId: string;
  settings: PipelineSettings;
}

/** Takes a job up for a run. The same run again gets the same attempt; throws `job_superseded` when there is nothing to take up. */
export async function startJob({ supabase }: { supabase: Supabase }, input: Input): Promise<JobRef> {
  const [job] = unwrap(
    await supabase.rpc("start_job", {
      p_document_id: input.documentId,
      // The generated types do not know that a null is welcome here.
      p_job_id: (input.jobId ?? null) as string,
      p_event_id: input.eventId,
      p_run_id: input.runId,
      p_settings: { ...input.settings },
    }),
  );
  if (!job) throw new Failure("job_superseded");
  return { jobId: job.job_id, attempt: job.attempt };
}
