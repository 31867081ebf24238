import { pruneChunks } from "#lib/documents/remove-document.ts";
import { removeObjects } from "#lib/documents/remove-objects.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Earlier ones were seen to when the jobs after them were published; what got away is found by `tidy-up`. */
const formerJobs = 3;

/**
 * Removes what nobody reads after a job was published: its pages and batches, and the passages of earlier jobs, but for the one whose
 * index is kept. Safe to repeat.
 */
export async function cleanUp(
  { supabase }: { supabase: Supabase },
  { jobId }: { jobId: string },
): Promise<{ removed: number }> {
  const job = unwrap(
    await supabase.from("ingestion_jobs").select("document_id, owner_id, number").eq("id", jobId).maybeSingle(),
  );
  if (!job) return { removed: 0 };
  const folder = `${job.owner_id}/${job.document_id}`;
  await removeObjects({ supabase }, { bucket: "ingestion", folder: `${folder}/${jobId}` });
  const former = unwrap(
    await supabase
      .from("ingestion_jobs")
      .select("id")
      .eq("document_id", job.document_id)
      .lt("number", job.number)
      .order("number", { ascending: false })
      .limit(formerJobs),
  );
  if (former.length === 0) return { removed: 0 };
  const document = unwrap(
    await supabase.from("documents").select("active_job_id, previous_job_id").eq("id", job.document_id).maybeSingle(),
  );
  const kept = [document?.active_job_id, document?.previous_job_id];
  for (const { id } of former) {
    if (!kept.includes(id)) await removeObjects({ supabase }, { bucket: "ingestion", folder: `${folder}/${id}` });
  }
  return await pruneChunks({ supabase }, { documentId: job.document_id });
}
