import type { Stage } from "#lib/documents/schema.ts";
import { Failure } from "#lib/errors.ts";
import { asProgress, type Progress } from "#lib/ingestion/record-progress.ts";
import { folderOf, type JobRef, type JobWork, type PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import type { Database } from "#lib/supabase/database.types.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * Enters a stage, takes down what was found out before it, and answers with what it works on. Throws `job_superseded` when the job is no
 * longer this worker's. Safe to repeat.
 */
export async function beginStage(supabase: Supabase, job: JobRef, stage: Stage, progress?: Progress): Promise<JobWork> {
  const asked = { p_job_id: job.jobId, p_attempt: job.attempt, p_stage: stage };
  const told = progress || job.runId ? { p_progress: asProgress(job, progress ?? {}) } : {};
  return readWork(unwrap(await supabase.rpc("begin_stage", { ...asked, ...told })));
}

/** What a stage works on, from the row that tells it. Throws `job_superseded` when there is none. */
export function readWork([row]: Database["public"]["Functions"]["begin_stage"]["Returns"]): JobWork {
  if (!row) throw new Failure("job_superseded");
  const ids = { jobId: row.job_id, documentId: row.document_id, ownerId: row.owner_id };
  return {
    ...ids,
    attempt: row.attempt,
    number: row.number,
    storageKey: row.storage_key,
    fileName: row.file_name,
    mediaType: row.media_type as JobWork["mediaType"],
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    settings: row.settings as unknown as PipelineSettings,
    folder: folderOf(ids),
  };
}
