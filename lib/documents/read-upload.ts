import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { downloadObject } from "#lib/supabase/download-object.ts";

/** The bytes of a file that was sent straight to Storage. Throws `upload_not_found` while it is not there. */
export async function readUpload(supabase: Supabase, storageKey: string): Promise<Uint8Array> {
  const blob = await downloadObject(supabase, "documents", storageKey).catch((cause: Failure) => {
    throw cause.code === "source_missing" ? new Failure("upload_not_found", { cause }) : cause;
  });
  return new Uint8Array(await blob.arrayBuffer());
}
