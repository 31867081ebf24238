import { pruneChunks } from "#lib/documents/remove-document.ts";
import { removeObjects } from "#lib/documents/remove-objects.ts";
import { folderOf, type JobWork } from "#lib/ingestion/schema.ts";
import { dropSource } from "#lib/ingestion/source-file.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * Removes what a job has left that was cancelled, superseded or deleted: its texts, its passages, its copy of the original. Of a job in
 * work, a published one and one that failed (it may be taken up again) nothing is removed. Safe to repeat.
 */
export async function dropLeftOvers(
  { supabase }: { supabase: Supabase },
  ids: Pick<JobWork, "ownerId" | "documentId" | "jobId">,
): Promise<void> {
  const { documentId, jobId } = ids;
  const job = unwrap(await supabase.from("ingestion_jobs").select("status").eq("id", jobId).maybeSingle());
  if (job && job.status !== "cancelled" && job.status !== "superseded") return;
  await dropSource({ jobId });
  await removeObjects({ supabase }, { bucket: "ingestion", folder: folderOf(ids) });
  await pruneChunks({ supabase }, { documentId });
}
