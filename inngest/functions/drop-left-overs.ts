import { inngest } from "#inngest/client.ts";
import { documentCancelRequested } from "#inngest/events.ts";
import { stage } from "#inngest/functions/stage.ts";
import type { Deps } from "#lib/deps.ts";
import { dropLeftOvers } from "#lib/ingestion/drop-left-overs.ts";

/** Removes what a cancelled job has left. A worker that was in the middle of a stage sees to what it writes after that. */
export function createDropLeftOvers(deps: Deps) {
  return inngest.createFunction(
    { id: "drop-left-overs", triggers: [documentCancelRequested], retries: 10 },
    async ({ event, step }) => {
      await step.run(
        "drop",
        stage(() => dropLeftOvers(deps, event.data)),
      );
    },
  );
}
