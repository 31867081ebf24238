import type { Stage } from "#lib/documents/schema.ts";
import { Failure } from "#lib/errors.ts";
import type { Progress } from "#lib/ingestion/record-progress.ts";
import type { JobRef, JobWork, PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import type { Database } from "#lib/supabase/database.types.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * Enters a stage, takes down what was found out before it, and answers with what it works on. Throws `job_superseded` when the job is no
 * longer this worker's. Safe to repeat.
 */
export async function beginStage(
  supabase: Supabase,
  { jobId, attempt }: JobRef,
  stage: Stage,
  progress?: Progress,
): Promise<JobWork> {
  const asked = { p_job_id: jobId, p_attempt: attempt, p_stage: stage };
  const told = progress ? { p_progress: JSON.parse(JSON.stringify(progress)) } : {};
  return readWork(unwrap(await supabase.rpc("begin_stage", { ...asked, ...told })));
}

/** What a stage works on, from the row that tells it. Throws `job_superseded` when there is none. */
export function readWork([row]: Database["public"]["Functions"]["begin_stage"]["Returns"]): JobWork {
  if (!row) throw new Failure("job_superseded");
  return {
    jobId: row.job_id,
    attempt: row.attempt,
    number: row.number,
    documentId: row.document_id,
    ownerId: row.owner_id,
    storageKey: row.storage_key,
    fileName: row.file_name,
    mediaType: row.media_type as JobWork["mediaType"],
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    settings: row.settings as unknown as PipelineSettings,
    folder: `${row.owner_id}/${row.document_id}/${row.job_id}`,
  };
}
