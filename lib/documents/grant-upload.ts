import { randomUUID } from "node:crypto";
import { checkSize } from "#lib/documents/check-size.ts";
import type { UploadGrant } from "#lib/documents/schema.ts";
import type { Env } from "#lib/env.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** How long Supabase's signed upload URLs work. */
const validMs = 2 * 60 * 60 * 1000;

interface Input {
  ownerId: string;
  fileName: string;
  sizeBytes: number;
}

/** Grants one upload straight to Storage, for files that are too large for a request body. `supabase` acts as the service. */
export async function grantUpload(
  { supabase, env }: { supabase: Supabase; env: Env },
  { ownerId, fileName, sizeBytes }: Input,
): Promise<UploadGrant> {
  checkSize(sizeBytes, env.MAX_FILE_BYTES);
  const uploadId = randomUUID();
  const storageKey = `${ownerId}/${uploadId}/source`;
  const expiresAt = new Date(Date.now() + validMs).toISOString();
  unwrap(
    await supabase.from("uploads").insert({
      id: uploadId,
      owner_id: ownerId,
      file_name: fileName,
      size_bytes: sizeBytes,
      storage_key: storageKey,
      expires_at: expiresAt,
    }),
  );
  const { data, error } = await supabase.storage.from("documents").createSignedUploadUrl(storageKey);
  if (error) throw storageFailure(error);
  return { uploadId, signedUrl: data.signedUrl, expiresAt };
}
