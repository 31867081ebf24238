import { inngest } from "#inngest/client.ts";
import { documentDeleted } from "#inngest/events.ts";
import { stage } from "#inngest/functions/stage.ts";
import type { Deps } from "#lib/deps.ts";
import { removeDocument } from "#lib/documents/remove-document.ts";

/** Removes the rows, objects and vectors of a deleted document. */
export function createRemoveDocument(deps: Deps) {
  return inngest.createFunction(
    { id: "remove-document", triggers: [documentDeleted], retries: 10 },
    async ({ event, step }) => {
      await step.run(
        "remove",
        stage(() => removeDocument(deps, event.data)),
      );
    },
  );
}
