import { pruneChunks } from "#lib/documents/remove-document.ts";
import type { Env } from "#lib/env.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const documentsPerCall = 100;
const sentEventsSeconds = 7 * 24 * 3600;
const eventsPerCall = 1000;

/** Lets go of former indexes that were kept for their time, and removes the passages and sent events that nobody reads. Safe to repeat. */
export async function pruneIndexes({
  supabase,
  env,
}: {
  supabase: Supabase;
  env: Env;
}): Promise<{ chunks: number; events: number }> {
  unwrap(await supabase.rpc("expire_former_indexes", { p_seconds: Math.round(env.ROLLBACK_HOURS * 3600) }));
  let chunks = 0;
  const documentIds = unwrap(await supabase.rpc("list_prunable_documents", { p_limit: documentsPerCall }));
  for (const documentId of documentIds) chunks += (await pruneChunks({ supabase }, { documentId })).removed;
  const events = unwrap(await supabase.rpc("prune_outbox", { p_seconds: sentEventsSeconds, p_limit: eventsPerCall }));
  return { chunks, events };
}
