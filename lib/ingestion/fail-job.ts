import { type Failure, viewFailure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  jobId: string;
  runId: string;
  failure: Failure;
  correlationId: string;
}

/** Ends a job with its failure. False when the job had ended already or another run has it. Safe to repeat. */
export async function failJob({ supabase }: { supabase: Supabase }, input: Input): Promise<{ failed: boolean }> {
  const failed = unwrap(
    await supabase.rpc("fail_job", {
      p_job_id: input.jobId,
      p_run_id: input.runId,
      p_error: { ...viewFailure(input.failure), correlationId: input.correlationId },
    }),
  );
  return { failed };
}
