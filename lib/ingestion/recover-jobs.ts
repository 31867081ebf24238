import type { OutboxEvent } from "#lib/documents/outbox.ts";
import type { Env } from "#lib/env.ts";
import { Failure, outageCodes, viewFailure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * Finds the jobs that show no sign of life, or that an outage ended, and asks for each again. One that was asked for often enough and
 * still shows no life ends with `stalled`.
 * Answers with the events to send; they wait in the outbox, so nothing is lost when they are not. Safe to repeat.
 */
export async function recoverJobs({
  supabase,
  env,
}: {
  supabase: Supabase;
  env: Env;
}): Promise<{ events: OutboxEvent[]; stalled: string[] }> {
  const correlationId = crypto.randomUUID();
  const failure = new Failure("stalled");
  const rows = unwrap(
    await supabase.rpc("recover_jobs", {
      p_lease_seconds: env.JOB_LEASE_SECONDS,
      p_owner_limit: env.OWNER_CONCURRENCY,
      p_total_limit: env.EMBEDDING_CONCURRENCY,
      p_most: env.JOB_RECOVERIES,
      p_error: { ...viewFailure(failure), correlationId },
      p_outages: outageCodes,
    }),
  );
  const stalled = rows.filter((row) => row.event_id === null).map((row) => row.job_id);
  for (const jobId of stalled) log.error("ingestion stalled", { correlationId, jobId, code: failure.code });
  const asked = rows.filter((row) => row.event_id !== null);
  return {
    events: asked.map((row) => ({
      id: row.event_id,
      name: row.event_name,
      data: row.event_data as Record<string, unknown>,
    })),
    stalled,
  };
}
