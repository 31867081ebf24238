import { inngest } from "#inngest/client.ts";
import { documentDeleted } from "#inngest/events.ts";
import { stage } from "#inngest/functions/stage.ts";
import type { Deps } from "#lib/deps.ts";
import { removeDocument } from "#lib/documents/remove-document.ts";

/** Longer than a stage that was at work when the document was deleted may go on and write an object. */
const lateWorkers = "20m";

/** Removes the rows, objects and vectors of a deleted document, and once more what a late worker has left. */
export function createRemoveDocument(deps: Deps) {
  return inngest.createFunction(
    { id: "remove-document", triggers: [documentDeleted], retries: 10 },
    async ({ event, step }) => {
      const remove = stage(() => removeDocument(deps, event.data));
      await step.run("remove", remove);
      await step.sleep("let-late-workers-end", lateWorkers);
      await step.run("remove-again", remove);
    },
  );
}
