import type { Stage } from "#lib/documents/schema.ts";
import { Failure } from "#lib/errors.ts";
import type { JobWork, PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Which job, and which taking-up of it: every write of a stage names both, so that a late worker changes nothing. */
export interface JobRef {
  jobId: string;
  attempt: number;
}

/** Enters a stage and answers with what it works on. Throws `job_superseded` when the job is no longer this worker's. Safe to repeat. */
export async function beginStage(supabase: Supabase, { jobId, attempt }: JobRef, stage: Stage): Promise<JobWork> {
  const [row] = unwrap(await supabase.rpc("begin_stage", { p_job_id: jobId, p_attempt: attempt, p_stage: stage }));
  if (!row) throw new Failure("job_superseded");
  return {
    jobId,
    attempt,
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
