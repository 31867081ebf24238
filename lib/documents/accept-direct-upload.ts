import { type FileFacts, inspectFile } from "#lib/documents/inspect-file.ts";
import { readUpload } from "#lib/documents/read-upload.ts";
import { type Registered, registerFile } from "#lib/documents/register-file.ts";
import type { Env } from "#lib/env.ts";
import { asFailure, Failure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Input {
  ownerId: string;
  uploadId: string;
  title?: string | undefined;
  /** Nobody asked for it: then an upload that awaits its owner's word is `upload_not_found`. */
  unasked?: boolean;
}

/**
 * Registers a file that was sent straight to Storage. Repeating it answers with the same document. A file that is refused is removed.
 * Throws `upload_not_found` and all that `acceptUpload` throws. `supabase` acts as the service.
 */
export async function acceptDirectUpload(
  deps: { supabase: Supabase; env: Env },
  { ownerId, uploadId, title, unasked = false }: Input,
): Promise<Registered> {
  const { supabase } = deps;
  const known = async () => {
    const documentId = await findRegistered(supabase, ownerId, uploadId);
    return { documentId, duplicate: true, created: null };
  };
  const upload = unwrap(
    await supabase.from("uploads").select("*").eq("id", uploadId).eq("owner_id", ownerId).maybeSingle(),
  );
  if (!upload) return await known();

  const bytes = await readUpload(supabase, upload.storage_key);
  const removeObject = () => supabase.storage.from("documents").remove([upload.storage_key]);
  const forget = async () => unwrap(await supabase.from("uploads").delete().eq("id", uploadId));
  const { storage_key: storageKey, file_name: fileName } = upload;
  let facts: FileFacts;
  try {
    facts = inspectFile({ fileName, bytes, maxBytes: deps.env.MAX_FILE_BYTES });
  } catch (thrown) {
    if (!asFailure(thrown).retry) {
      await removeObject();
      await forget();
    }
    throw thrown;
  }
  const registered = await registerFile(deps, {
    id: uploadId,
    ownerId,
    storageKey,
    fileName,
    title,
    unasked,
    ...facts,
  });
  if (!registered) return await known();
  if (registered.documentId !== uploadId) await removeObject();
  if (registered.duplicate) await forget();
  return registered;
}

/** The id of the document that an upload became. Throws `upload_not_found`. */
async function findRegistered(supabase: Supabase, ownerId: string, uploadId: string): Promise<string> {
  const own = unwrap(
    await supabase.from("document_overviews").select("id").eq("id", uploadId).eq("owner_id", ownerId).maybeSingle(),
  );
  if (!own) throw new Failure("upload_not_found");
  return uploadId;
}
