import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Rows a call: small enough that others do not wait for it. */
const rowsPerCall = 500;
const objectsPerCall = 100;

interface Target {
  ownerId: string;
  documentId: string;
}

/** Removes what is left of a deleted document: objects first, then passages in batches, then the row. Safe to repeat. */
export async function removeDocument({ supabase }: { supabase: Supabase }, target: Target): Promise<void> {
  const folder = `${target.ownerId}/${target.documentId}`;
  await removeObjects(supabase, "documents", folder);
  await removeObjects(supabase, "ingestion", folder);
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

/** Removes every object under a folder, at any depth. */
async function removeObjects(supabase: Supabase, bucket: string, folder: string): Promise<void> {
  for (;;) {
    const { data, error } = await supabase.storage.from(bucket).list(folder, { limit: objectsPerCall });
    if (error) throw storageFailure(error);
    if (data.length === 0) return;
    const files = data.filter((entry) => entry.id !== null).map((entry) => `${folder}/${entry.name}`);
    for (const entry of data) if (entry.id === null) await removeObjects(supabase, bucket, `${folder}/${entry.name}`);
    if (files.length === 0) return;
    const removed = await supabase.storage.from(bucket).remove(files);
    if (removed.error) throw storageFailure(removed.error);
  }
}
