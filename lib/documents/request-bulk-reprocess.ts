import type { BulkReprocess } from "#lib/documents/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Puts the wish for a bulk reprocess into the outbox; `count` is how many documents it means now. `supabase` acts as the service. */
export async function requestBulkReprocess(
  { supabase }: { supabase: Supabase },
  { ownerId, filter }: { ownerId: string; filter: BulkReprocess },
): Promise<{ count: number; eventId: string }> {
  const [requested] = unwrap(
    await supabase.rpc("request_bulk_reprocess", { p_owner_id: ownerId, p_filter: { ...filter } }),
  );
  if (!requested) throw new Error("request_bulk_reprocess answered with no row");
  return { count: requested.documents, eventId: requested.event_id };
}
