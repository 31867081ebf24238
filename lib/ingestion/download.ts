import { beginStage, readWork } from "#lib/ingestion/begin-stage.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import { recentUploads } from "#lib/ingestion/recent-uploads.ts";
import type { JobWork, PipelineSettings } from "#lib/ingestion/schema.ts";
import { fetchSource, isSmall } from "#lib/ingestion/source-file.ts";
import { takeTurn } from "#lib/ingestion/take-turn.ts";
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

/**
 * Takes a job up for a run, fetches its original, checks that it is whole, and enters the stage that reads it; a small original is left
 * to that stage. A job that was queued here a moment ago is taken up by the first call that tells something of it. The same run again gets
 * the same attempt. Throws `source_missing`, `storage_unavailable`, and `job_superseded` when there is nothing to take up. Safe to repeat.
 */
export async function download({ supabase }: { supabase: Supabase }, input: Input): Promise<JobWork> {
  const { documentId, jobId, runId } = input;
  const known = jobId ? recentUploads.find({ documentId, jobId }, runId) : undefined;
  const work = known ?? (await startJob(supabase, input));
  // The stage that reads it then needs no call of its own to be entered.
  if (isSmall(work)) return work;
  return await dropWhenEnded({ supabase }, work, async () => {
    await fetchSource(supabase, work);
    // Whoever stopped the job meanwhile has tidied up before the copy was there.
    return await beginStage(supabase, work, "parse");
  });
}

async function startJob(supabase: Supabase, input: Input): Promise<JobWork> {
  const asked = {
    p_document_id: input.documentId,
    // The generated types do not know that a null is welcome here.
    p_job_id: (input.jobId ?? null) as string,
    p_event_id: input.eventId,
    p_run_id: input.runId,
    p_settings: { ...input.settings },
  };
  return readWork(unwrap(await takeTurn(() => supabase.rpc("start_job", asked), { isSmall: true })));
}
