import { createHash } from "node:crypto";
import { inspectFile } from "#lib/documents/inspect-file.ts";
import type { Env } from "#lib/env.ts";
import { asFailure, Failure } from "#lib/errors.ts";
import { deriveId } from "#lib/ingestion/derive-id.ts";
import type { Attachment } from "#lib/ingestion/parse-protocol.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Deps {
  supabase: Supabase;
  env: Pick<Env, "MAX_FILE_BYTES">;
}

interface Input extends Attachment {
  /** Its place among the attachments of the file. */
  position: number;
  /** Why it must not be read, in a sentence. */
  refusal?: string | undefined;
}

interface StoredAttachment {
  id: string;
  title: string;
  fileName: string;
  mediaType: string;
  sizeBytes: number;
  storageKey: string;
}

/**
 * Makes a document of an attachment, or notes why it is none. Answers the document's id, or that of the owner's document that has the
 * same bytes; null when it is none. Safe to repeat, also at the same time. Throws `job_superseded`, `storage_unavailable`.
 */
export async function storeAttachment(deps: Deps, work: JobWork, input: Input): Promise<string | null> {
  const { supabase, env } = deps;
  const { name, bytes, position } = input;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const inspected = input.refusal ?? inspect(name, bytes, env.MAX_FILE_BYTES);
  const refusal = typeof inspected === "string" ? inspected : null;
  const register = async (document: StoredAttachment | null) => {
    const [registered] = unwrap(
      await supabase.rpc("register_attachment", {
        p_job_id: work.jobId,
        p_attempt: work.attempt,
        p_attachment: { position, fileName: name, sha256, refusal },
        p_document: document && { ...document },
        p_settings: { ...work.settings },
      }),
    );
    if (!registered) throw new Failure("job_superseded");
    return registered;
  };

  const known = await register(null);
  if (known.outcome !== "wanted" || typeof inspected === "string") return known.document_id;
  const { mediaType, sizeBytes } = inspected;
  const id = deriveId(`${work.documentId}:${sha256}:${position}`);
  const storageKey = `${work.ownerId}/${id}/source`;
  const bucket = supabase.storage.from("documents");
  const stored = await bucket.upload(storageKey, bytes, { contentType: mediaType, upsert: true });
  if (stored.error) throw storageFailure(stored.error);
  const title = name.replace(/\.[^.]+$/, "") || name;
  try {
    const registered = await register({ id, title, fileName: name, mediaType, sizeBytes, storageKey });
    if (registered.document_id !== id) await dropUnlessRegistered(supabase, id, storageKey);
    return registered.document_id;
  } catch (thrown) {
    if (asFailure(thrown).code === "job_superseded") await dropUnlessRegistered(supabase, id, storageKey);
    throw thrown;
  }
}

function inspect(fileName: string, bytes: Uint8Array, maxBytes: number) {
  try {
    return inspectFile({ fileName, bytes, maxBytes });
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.detail;
    throw thrown;
  }
}

/** Another worker may have registered the very same object. */
async function dropUnlessRegistered(supabase: Supabase, id: string, storageKey: string): Promise<void> {
  const rows = unwrap(await supabase.from("documents").select("id").eq("id", id));
  if (rows.length > 0) return;
  const { error } = await supabase.storage.from("documents").remove([storageKey]);
  if (error) throw storageFailure(error);
}
