import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";

const objectsPerCall = 100;

interface Input {
  bucket: string;
  folder: string;
}

/** Removes every object under a folder, at any depth. Safe to repeat. */
export async function removeObjects({ supabase }: { supabase: Supabase }, { bucket, folder }: Input): Promise<void> {
  for (;;) {
    const { data, error } = await supabase.storage.from(bucket).list(folder, { limit: objectsPerCall });
    if (error) throw storageFailure(error);
    if (data.length === 0) return;
    const files = data.filter((entry) => entry.id !== null).map((entry) => `${folder}/${entry.name}`);
    for (const entry of data) {
      if (entry.id === null) await removeObjects({ supabase }, { bucket, folder: `${folder}/${entry.name}` });
    }
    if (files.length === 0) return;
    const removed = await supabase.storage.from(bucket).remove(files);
    if (removed.error) throw storageFailure(removed.error);
  }
}
