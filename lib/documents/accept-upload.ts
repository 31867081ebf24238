import { randomUUID } from "node:crypto";
import { findDuplicate, hashBytes, registerFile } from "#lib/documents/register-file.ts";
import type { Accepted } from "#lib/documents/schema.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";

const headBytes = 64 * 1024;

interface Upload {
  ownerId: string;
  fileName: string;
  title?: string | undefined;
  bytes: Uint8Array;
}

/**
 * Takes in a file that came with the request: checks it, stores it, registers it. What is refused leaves nothing behind.
 * Throws `file_empty`, `file_too_large`, `media_type_unsupported`, `media_type_mismatch`, `file_encrypted`. `supabase` acts as the service.
 */
export async function acceptUpload(deps: { supabase: Supabase; env: Env }, upload: Upload): Promise<Accepted> {
  const { supabase } = deps;
  const { ownerId, fileName, title, bytes } = upload;
  const sizeBytes = bytes.byteLength;
  checkSize(sizeBytes, deps.env.MAX_FILE_BYTES);
  const mediaType = detectMediaType({ fileName, head: bytes.subarray(0, headBytes), size: sizeBytes });
  const sha256 = hashBytes(bytes);
  const duplicate = await findDuplicate(deps, { ownerId, sha256 });
  if (duplicate) return { document: duplicate, duplicate: true };

  const id = randomUUID();
  const storageKey = `${ownerId}/${id}/source`;
  const bucket = supabase.storage.from("documents");
  const stored = await bucket.upload(storageKey, bytes, { contentType: mediaType });
  if (stored.error) throw storageFailure(stored.error);
  try {
    const accepted = await registerFile(deps, {
      id,
      ownerId,
      storageKey,
      fileName,
      title,
      mediaType,
      sizeBytes,
      sha256,
    });
    // Another upload of the same bytes was faster: its object is the one that counts.
    if (accepted.document.id !== id) await bucket.remove([storageKey]);
    return accepted;
  } catch (thrown) {
    // With the database silent the row may be there all the same: then the object must stay.
    if (thrown instanceof Failure && !thrown.retry) await bucket.remove([storageKey]);
    throw thrown;
  }
}

/** Throws `file_empty` or `file_too_large`. */
export function checkSize(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes === 0) throw new Failure("file_empty");
  if (sizeBytes > maxBytes) {
    const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
    throw new Failure("file_too_large", {
      detail: `The file has ${megabytes(sizeBytes)} MB; the limit is ${megabytes(maxBytes)} MB.`,
    });
  }
}
