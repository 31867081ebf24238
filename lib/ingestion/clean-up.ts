import { pruneChunks } from "#lib/documents/remove-document.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  jobId: string;
  /** How many batches the job planned. */
  batches: number;
}

/**
 * Removes what nobody reads after a job was published: its batches, and the passages and texts of earlier jobs, but for the one whose
 * index is kept. Safe to repeat.
 */
export async function cleanUp(
  { supabase }: { supabase: Supabase },
  { jobId, batches }: Input,
): Promise<{ removed: number }> {
  const job = unwrap(
    await supabase.from("ingestion_jobs").select("document_id, owner_id, number").eq("id", jobId).maybeSingle(),
  );
  if (!job) return { removed: 0 };
  const folder = `${job.owner_id}/${job.document_id}`;
  const keys = Array.from({ length: batches }, (_, index) => `${folder}/${jobId}/chunks-${index}.json.gz`);
  const former = unwrap(
    await supabase.from("ingestion_jobs").select("id").eq("document_id", job.document_id).lt("number", job.number),
  );
  const document = unwrap(
    await supabase.from("documents").select("active_job_id, previous_job_id").eq("id", job.document_id).maybeSingle(),
  );
  const kept = [document?.active_job_id, document?.previous_job_id];
  keys.push(...former.filter(({ id }) => !kept.includes(id)).map(({ id }) => `${folder}/${id}/parsed.json.gz`));
  const { error } = await supabase.storage.from("ingestion").remove(keys);
  if (error) throw storageFailure(error);
  return former.length === 0 ? { removed: 0 } : await pruneChunks({ supabase }, { documentId: job.document_id });
}
