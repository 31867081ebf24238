import { acceptDirectUpload } from "#lib/documents/accept-direct-upload.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Younger uploads are still in the hands of the client that asked for them. */
const patienceMs = 10 * 60 * 1000;
const uploadsPerCall = 50;

/**
 * Sees to files that were sent straight to Storage by clients that never came back: a file that arrived becomes a document, one that is
 * refused goes, and a grant that expired without a file is forgotten, as is a file that its owner was told the cost of and did not
 * register. Safe to repeat, also while the client comes back after all.
 */
export async function adoptUploads(deps: {
  supabase: Supabase;
  env: Env;
}): Promise<{ adopted: string[]; refused: number; expired: number }> {
  const uploads = unwrap(
    await deps.supabase
      .from("uploads")
      .select("id, owner_id, expires_at, awaits_consent")
      .lt("created_at", new Date(Date.now() - patienceMs).toISOString())
      .or(`awaits_consent.is.false,expires_at.lt."${new Date().toISOString()}"`)
      .order("created_at")
      .limit(uploadsPerCall),
  );
  const adopted: string[] = [];
  let refused = 0;
  let expired = 0;
  const forget = async (id: string) => unwrap(await deps.supabase.from("uploads").delete().eq("id", id));
  for (const { id, owner_id: ownerId, expires_at: expiresAt, awaits_consent: isHeld } of uploads) {
    if (isHeld) {
      // Its file is an orphan from now on, and not removed here: the owner may be registering it this very moment.
      await forget(id);
      expired += 1;
      continue;
    }
    try {
      const { documentId } = await acceptDirectUpload(deps, { ownerId, uploadId: id });
      adopted.push(documentId);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.retry) throw thrown;
      if (thrown.code !== "upload_not_found") {
        // `acceptDirectUpload` has removed what it refused.
        log.warn("an upload was refused after its client had gone", { uploadId: id, ownerId, code: thrown.code });
        refused += 1;
      } else if (Date.parse(expiresAt) < Date.now()) {
        await forget(id);
        expired += 1;
      }
    }
  }
  return { adopted, refused, expired };
}
