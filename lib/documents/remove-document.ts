import { removeObjects } from "#lib/documents/remove-objects.ts";
import { dropSource } from "#lib/ingestion/source-file.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Rows a call: small enough that others do not wait for it. */
const rowsPerCall = 500;

interface Target {
  ownerId: string;
  documentId: string;
}

/** Removes what is left of a deleted document: copies and objects first, then passages in batches, then the row. Safe to repeat. */
export async function removeDocument({ supabase }: { supabase: Supabase }, target: Target): Promise<void> {
  const folder = `${target.ownerId}/${target.documentId}`;
  const jobs = unwrap(await supabase.from("ingestion_jobs").select("id").eq("document_id", target.documentId));
  for (const { id } of jobs) await dropSource({ jobId: id });
  for (const bucket of ["documents", "ingestion"]) await removeObjects({ supabase }, { bucket, folder });
  await pruneChunks({ supabase }, target);
  unwrap(await supabase.rpc("purge_document", { p_document_id: target.documentId }));
}

/** Removes the passages of a document that nothing serves, in batches. Safe to repeat. */
export async function pruneChunks(
  { supabase }: { supabase: Supabase },
  { documentId }: { documentId: string },
): Promise<{ removed: number }> {
  let removed = 0;
  for (;;) {
    const gone = unwrap(await supabase.rpc("prune_chunks", { p_document_id: documentId, p_limit: rowsPerCall }));
    removed += gone;
    if (gone < rowsPerCall) return { removed };
  }
}
