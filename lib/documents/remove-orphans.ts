import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const objectsPerCall = 100;

/** Removes objects that belong to nothing and have reached an age, in batches. Safe to repeat. */
export async function removeOrphans(
  { supabase }: { supabase: Supabase },
  { olderThanSeconds }: { olderThanSeconds: number },
): Promise<{ removed: number }> {
  let removed = 0;
  for (;;) {
    const orphans = unwrap(
      await supabase.rpc("list_orphan_objects", { p_seconds: olderThanSeconds, p_limit: objectsPerCall }),
    );
    let gone = 0;
    for (const [bucket, objects] of Map.groupBy(orphans, (orphan) => orphan.bucket)) {
      const { data, error } = await supabase.storage.from(bucket).remove(objects.map(({ name }) => name));
      if (error) throw storageFailure(error);
      gone += data.length;
    }
    removed += gone;
    // What will not go must not be asked for again and again.
    if (orphans.length < objectsPerCall || gone === 0) return { removed };
  }
}
