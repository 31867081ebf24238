import { randomUUID } from "node:crypto";
import { inspectFile } from "#lib/documents/inspect-file.ts";
import { findDuplicate, type Registered, registerFile } from "#lib/documents/register-file.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { recentUploads } from "#lib/ingestion/recent-uploads.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";

/** To store so much for nothing, when its owner has it already, costs less than to ask that of every upload. */
const smallBytes = 1024 * 1024;

interface Upload {
  ownerId: string;
  fileName: string;
  title?: string | undefined;
  bytes: Uint8Array;
}

/**
 * Takes in a file that came with the request: checks it, stores it (which took `storedMs`), registers it. What is refused leaves nothing
 * behind.
 * Throws `file_empty`, `file_too_large`, `media_type_unsupported`, `media_type_mismatch`, `file_encrypted`. `supabase` acts as the service.
 */
export async function acceptUpload(
  deps: { supabase: Supabase; env: Env },
  upload: Upload,
): Promise<Registered & { storedMs: number }> {
  const { supabase } = deps;
  const { ownerId, fileName, title, bytes } = upload;
  const facts = inspectFile({ fileName, bytes, maxBytes: deps.env.MAX_FILE_BYTES });
  const known = facts.sizeBytes > smallBytes ? await findDuplicate(deps, { ownerId, sha256: facts.sha256 }) : null;
  if (known) return { documentId: known, duplicate: true, created: null, storedMs: 0 };

  const id = randomUUID();
  const storageKey = `${ownerId}/${id}/source`;
  const bucket = supabase.storage.from("documents");
  const start = performance.now();
  const stored = await bucket.upload(storageKey, bytes, { contentType: facts.mediaType });
  const storedMs = performance.now() - start;
  if (stored.error) throw storageFailure(stored.error);
  try {
    const registered = await registerFile(deps, { id, ownerId, storageKey, fileName, title, ...facts });
    if (!registered) throw new Error("the id of a new document is taken");
    // Another upload of the same bytes was faster: its object is the one that counts.
    if (registered.documentId !== id) await bucket.remove([storageKey]);
    else if (registered.created) recentUploads.keep(registered.created.work, bytes);
    return { ...registered, storedMs };
  } catch (thrown) {
    // With the database silent the row may be there all the same: then the object must stay.
    if (thrown instanceof Failure && !thrown.retry) await bucket.remove([storageKey]);
    throw thrown;
  }
}
