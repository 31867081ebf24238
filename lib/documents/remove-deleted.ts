import { orphanSeconds } from "#lib/documents/orphan-seconds.ts";
import { removeDocument } from "#lib/documents/remove-document.ts";
import { asFailure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const documentsPerCall = 1000;
/** What is left then is for the next call. */
const longestMs = 60_000;

/**
 * Removes documents that were deleted long ago and are still there: the run that was to remove them was lost, or gave up. One that cannot
 * be removed (`failed`) keeps no other from it. Safe to repeat, also while such a run is at work.
 */
export async function removeDeleted({
  supabase,
}: {
  supabase: Supabase;
}): Promise<{ removed: number; failed: number }> {
  const before = new Date(Date.now() - orphanSeconds * 1000).toISOString();
  const rows = unwrap(
    await supabase
      .from("documents")
      .select("id, owner_id")
      .lt("deleted_at", before)
      .order("deleted_at")
      .limit(documentsPerCall),
  );
  const until = Date.now() + longestMs;
  let removed = 0;
  let failed = 0;
  for (const { id: documentId, owner_id: ownerId } of rows) {
    if (Date.now() > until) break;
    try {
      await removeDocument({ supabase }, { documentId, ownerId });
      removed += 1;
    } catch (thrown) {
      const failure = asFailure(thrown);
      log.warn("a deleted document was not removed", { documentId, ownerId, code: failure.code, cause: failure });
      failed += 1;
    }
  }
  return { removed, failed };
}
