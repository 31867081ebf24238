import { inspectFile } from "#lib/documents/inspect-file.ts";
import { readUpload } from "#lib/documents/read-upload.ts";
import { type Registered, registerFile } from "#lib/documents/register-file.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  ownerId: string;
  uploadId: string;
  title?: string | undefined;
}

/**
 * Registers a file that was sent straight to Storage. Repeating it answers with the same document. A file that is refused is removed.
 * Throws `upload_not_found` and all that `acceptUpload` throws. `supabase` acts as the service.
 */
export async function acceptDirectUpload(
  deps: { supabase: Supabase; env: Env },
  { ownerId, uploadId, title }: Input,
): Promise<Registered> {
  const { supabase } = deps;
  const upload = unwrap(
    await supabase.from("uploads").select("*").eq("id", uploadId).eq("owner_id", ownerId).maybeSingle(),
  );
  if (!upload) {
    const documentId = await findRegistered(supabase, ownerId, uploadId);
    return { documentId, duplicate: true, created: null };
  }

  const bucket = supabase.storage.from("documents");
  const bytes = await readUpload(supabase, upload.storage_key);
  const forget = async () => {
    await bucket.remove([upload.storage_key]);
    unwrap(await supabase.from("uploads").delete().eq("id", uploadId));
  };
  try {
    const registered = await registerFile(deps, {
      id: uploadId,
      ownerId,
      storageKey: upload.storage_key,
      fileName: upload.file_name,
      title,
      ...inspectFile({ fileName: upload.file_name, bytes, maxBytes: deps.env.MAX_FILE_BYTES }),
    });
    if (registered.documentId !== uploadId) await forget();
    else unwrap(await supabase.from("uploads").delete().eq("id", uploadId));
    return registered;
  } catch (thrown) {
    if (thrown instanceof Failure && !thrown.retry) await forget();
    throw thrown;
  }
}

/** The id of the document that an upload became. Throws `upload_not_found`. */
async function findRegistered(supabase: Supabase, ownerId: string, uploadId: string): Promise<string> {
  const own = unwrap(
    await supabase.from("document_overviews").select("id").eq("id", uploadId).eq("owner_id", ownerId).maybeSingle(),
  );
  if (!own) throw new Failure("upload_not_found");
  return uploadId;
}
