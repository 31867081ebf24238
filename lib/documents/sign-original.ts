import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const validSeconds = 300;

/** A link to the original file that works for five minutes and saves it under its own name. The caller must own the document. */
export async function signOriginal(
  { supabase }: { supabase: Supabase },
  { documentId }: { documentId: string },
): Promise<string> {
  const row = unwrap(
    await supabase.from("document_overviews").select("storage_key, file_name").eq("id", documentId).maybeSingle(),
  );
  if (!row?.storage_key) throw new Failure("document_not_found");
  const { data, error } = await supabase.storage.from("documents").createSignedUrl(row.storage_key, validSeconds);
  if (error) throw storageFailure(error);
  // Not by the library's `download` option: storage-js 2.119 encodes the name twice.
  return `${data.signedUrl}&download=${encodeURIComponent(row.file_name ?? "")}`;
}
