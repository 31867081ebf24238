import { adoptUploads } from "#lib/documents/adopt-uploads.ts";
import { orphanSeconds } from "#lib/documents/orphan-seconds.ts";
import { type OutboxEvent, readUnsent } from "#lib/documents/outbox.ts";
import { pruneIndexes } from "#lib/documents/prune-indexes.ts";
import { removeDeleted } from "#lib/documents/remove-deleted.ts";
import { removeOrphans } from "#lib/documents/remove-orphans.ts";
import type { Env } from "#lib/env.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import { recoverJobs } from "#lib/ingestion/recover-jobs.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Deps {
  supabase: Supabase;
  env: Env;
  /** Sends events of the outbox; false when the engine cannot be reached. */
  send: (events: OutboxEvent[]) => Promise<boolean>;
}

/** One thing that was done, in words, and how often. */
export interface Mended {
  deed: string;
  count: number;
}

/** Mends everything that `examine` finds, each by what the product itself would do. Safe to repeat, and while the product is running. */
export async function mend(deps: Deps): Promise<Mended[]> {
  const { supabase, env } = deps;
  const recovered = await recoverJobs(deps);
  const requeued = await requeueBroken(deps);
  const uploads = await adoptUploads(deps);
  const deleted = await removeDeleted({ supabase });
  const pruned = await pruneIndexes({ supabase, env });
  const orphans = await removeOrphans({ supabase }, { olderThanSeconds: orphanSeconds });
  // Last, for what was queued above waits in the outbox too.
  const sent = await sendUnsent(deps);
  return [
    { deed: "stalled jobs asked for again", count: recovered.events.length },
    { deed: "stalled jobs given up", count: recovered.stalled.length },
    { deed: "documents queued again", count: requeued },
    { deed: "forgotten uploads made documents", count: uploads.adopted.length },
    { deed: "forgotten uploads let go", count: uploads.refused + uploads.expired },
    { deed: "deleted documents removed", count: deleted.removed },
    { deed: "passages without a reader removed", count: pruned.chunks },
    { deed: "objects that belong to nothing removed", count: orphans.removed },
    { deed: "events sent", count: sent },
  ];
}

async function requeueBroken({ supabase, env }: Deps): Promise<number> {
  const broken = unwrap(
    await supabase.rpc("list_broken_documents", {
      p_model: env.EMBEDDING_MODEL,
      p_dimensions: env.EMBEDDING_DIMENSIONS,
    }),
  );
  const ids = new Set(broken.map((row) => row.document_id));
  for (const id of ids) {
    unwrap(
      await supabase.rpc("request_reprocess", {
        // The generated types do not know that a null is welcome here.
        p_owner_id: null as unknown as string,
        p_document_id: id,
        p_settings: { ...pipelineSettings(env) },
      }),
    );
  }
  return ids.size;
}

async function sendUnsent({ supabase, send }: Deps): Promise<number> {
  let sent = 0;
  for (;;) {
    const events = await readUnsent({ supabase }, { olderThanMs: 0 });
    if (events.length === 0 || !(await send(events))) return sent;
    sent += events.length;
  }
}
