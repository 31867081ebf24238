import { readUpload } from "#lib/documents/read-upload.ts";
import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * A file that was sent straight to Storage, which from now on only its owner's own request makes a document of. Throws
 * `upload_not_found`. `supabase` acts as the service.
 */
export async function holdUpload(
  { supabase }: { supabase: Supabase },
  { ownerId, uploadId }: { ownerId: string; uploadId: string },
): Promise<{ fileName: string; bytes: Uint8Array }> {
  const upload = unwrap(
    await supabase
      .from("uploads")
      .update({ awaits_consent: true })
      .eq("id", uploadId)
      .eq("owner_id", ownerId)
      .select("file_name, storage_key")
      .maybeSingle(),
  );
  if (!upload) throw new Failure("upload_not_found");
  return { fileName: upload.file_name, bytes: await readUpload(supabase, upload.storage_key) };
}
