import { z } from "zod";
import { Failure } from "#lib/errors.ts";
import type { JobRef } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const outcomeSchema = z.object({
  published: z.boolean(),
  planned: z.number(),
  stored: z.number(),
  missing: z.array(z.number()),
});

/**
 * Makes the job's passages the ones that search sees, in one UPDATE, after the database has checked that all are there.
 * Throws `embedding_incomplete` with the ordinals that are missing, `job_superseded`.
 */
export async function publish({ supabase }: { supabase: Supabase }, job: JobRef): Promise<{ chunks: number }> {
  return readPublished(unwrap(await supabase.rpc("publish_job", { p_job_id: job.jobId, p_attempt: job.attempt })));
}

/** What `publish_job` answered, as `publish` answers and throws. */
export function readPublished(outcome: unknown): { chunks: number } {
  if (outcome === null) throw new Failure("job_superseded");
  const { published, planned, stored, missing } = outcomeSchema.parse(outcome);
  if (!published) {
    throw new Failure("embedding_incomplete", {
      detail: `${stored} of ${planned} passages are stored; missing are ${missing.join(", ")}.`,
    });
  }
  return { chunks: stored };
}
