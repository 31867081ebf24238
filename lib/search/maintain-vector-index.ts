import { log } from "#lib/log.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * Builds the approximate index once an owner has more passages than are compared one by one, which takes up to minutes, in which no
 * passage is stored. Answers at once where there is nothing to do, or somebody is at it. Safe to repeat. `supabase` acts as the service.
 */
export async function maintainVectorIndex({ supabase }: { supabase: Supabase }): Promise<{ isBuilt: boolean }> {
  if (unwrap(await supabase.rpc("has_vector_index"))) return { isBuilt: false };
  const began = performance.now();
  const isBuilt = unwrap(await supabase.rpc("maintain_vector_index"));
  if (isBuilt) log.info("the vector index was built", { seconds: Math.round((performance.now() - began) / 1000) });
  return { isBuilt };
}
