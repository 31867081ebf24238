import { acceptDirectUpload } from "#lib/documents/accept-direct-upload.ts";
import type { Env } from "#lib/env.ts";
import { asFailure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import type { Database } from "#lib/supabase/database.types.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Younger uploads are still in the hands of the client that asked for them. */
const patienceSeconds = 10 * 60;
const uploadsPerCall = 50;
/** What is left then is for the next sweep. */
const longestMs = 60_000;

type Arrived = Database["public"]["Functions"]["list_arrived_uploads"]["Returns"][number];

interface Deps {
  supabase: Supabase;
  env: Env;
}

/** `adopted` are documents; the rest are counts. */
interface Sweep {
  adopted: string[];
  refused: number;
  failed: number;
  expired: number;
}

/**
 * Sees to files that were sent straight to Storage by clients that never came back: a file that arrived becomes a document, one that is
 * refused goes, and a grant that expired without a file is forgotten, as is a file that its owner was told the cost of and did not
 * register. What cannot be taken in now (`failed`) is tried by the next sweep, and keeps nobody else's waiting. Safe to repeat, also
 * while the client comes back after all.
 */
export async function adoptUploads(deps: Deps): Promise<Sweep> {
  // The file of one that awaited a word is an orphan from now on, and not removed here: its owner may be registering it this very moment.
  const expired = unwrap(await deps.supabase.rpc("forget_expired_uploads"));
  const sweep: Sweep = { adopted: [], refused: 0, failed: 0, expired };
  const until = Date.now() + longestMs;
  let last = { created_at: "-infinity", id: "00000000-0000-0000-0000-000000000000" };
  for (;;) {
    const page: Arrived[] = unwrap(
      await deps.supabase.rpc("list_arrived_uploads", {
        p_seconds: patienceSeconds,
        p_after_created_at: last.created_at,
        p_after_id: last.id,
        p_limit: uploadsPerCall,
      }),
    );
    for (const upload of page) {
      if (Date.now() > until) return sweep;
      await adopt(deps, sweep, upload);
      last = upload;
    }
    if (page.length < uploadsPerCall) return sweep;
  }
}

async function adopt(deps: Deps, sweep: Sweep, upload: Arrived): Promise<void> {
  const { id: uploadId, owner_id: ownerId, expires_at: expiresAt } = upload;
  try {
    const { documentId } = await acceptDirectUpload(deps, { ownerId, uploadId, unasked: true });
    sweep.adopted.push(documentId);
  } catch (thrown) {
    const failure = asFailure(thrown);
    const { code } = failure;
    const isMissing = code === "upload_not_found";
    if (!isMissing)
      log.warn("an upload was not taken in after its client had gone", { uploadId, ownerId, code, cause: failure });
    if ((isMissing || code === "storage_unavailable") && Date.parse(expiresAt) < Date.now()) {
      unwrap(await deps.supabase.from("uploads").delete().eq("id", uploadId));
      sweep.expired += 1;
    } else if (failure.retry) sweep.failed += 1;
    // `acceptDirectUpload` has removed what it refused.
    else if (!isMissing) sweep.refused += 1;
  }
}
