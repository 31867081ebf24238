import { cron } from "inngest";
import { inngest } from "#inngest/client.ts";
import { stage } from "#inngest/functions/stage.ts";
import type { Deps } from "#lib/deps.ts";
import { adoptUploads } from "#lib/documents/adopt-uploads.ts";
import { orphanSeconds } from "#lib/documents/orphan-seconds.ts";
import { pruneIndexes } from "#lib/documents/prune-indexes.ts";
import { removeDeleted } from "#lib/documents/remove-deleted.ts";
import { removeOrphans } from "#lib/documents/remove-orphans.ts";
import { maintainVectorIndex } from "#lib/search/maintain-vector-index.ts";

/** Sees, every ten minutes, to what was left behind (uploads without a client, deleted documents, objects without a row, passages without a reader), and to the index. */
export function createTidyUp(deps: Deps) {
  return inngest.createFunction(
    { id: "tidy-up", triggers: [cron("*/10 * * * *")], retries: 2, concurrency: [{ limit: 1 }] },
    async ({ step }) => ({
      uploads: await step.run(
        "adopt-uploads",
        stage(() => adoptUploads(deps)),
      ),
      deleted: await step.run(
        "remove-deleted",
        stage(() => removeDeleted(deps)),
      ),
      orphans: await step.run(
        "remove-orphans",
        stage(() => removeOrphans(deps, { olderThanSeconds: orphanSeconds })),
      ),
      pruned: await step.run(
        "prune-indexes",
        stage(() => pruneIndexes(deps)),
      ),
      vectorIndex: await step.run(
        "maintain-vector-index",
        stage(() => maintainVectorIndex(deps)),
      ),
    }),
  );
}
