import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";

/** A whole object. Throws `source_missing`, and `storage_unavailable` also when the answer breaks off. */
export async function downloadObject(supabase: Supabase, bucket: string, key: string): Promise<Blob> {
  // The library answers with an error as long as there are no headers, and throws it after that.
  const { data, error } = await supabase.storage
    .from(bucket)
    .download(key)
    .catch((error: unknown) => ({ data: null, error }));
  if (!data) throw storageFailure(error);
  return data;
}
