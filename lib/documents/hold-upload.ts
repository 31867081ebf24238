import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { downloadObject } from "#lib/supabase/download-object.ts";
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
  const blob = await downloadObject(supabase, "documents", upload.storage_key).catch((cause: Failure) => {
    throw cause.code === "source_missing" ? new Failure("upload_not_found", { cause }) : cause;
  });
  return { fileName: upload.file_name, bytes: new Uint8Array(await blob.arrayBuffer()) };
}
