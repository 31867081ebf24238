import { createIngestDocument } from "#inngest/functions/ingest-document.ts";
import { createRemoveDocument } from "#inngest/functions/remove-document.ts";
import { createSendWaitingEvents } from "#inngest/functions/send-waiting-events.ts";
import type { Deps } from "#lib/deps.ts";

/** Every function that is served to the engine. */
export function createFunctions(deps: Deps) {
  return [createIngestDocument(deps), createRemoveDocument(deps), createSendWaitingEvents(deps)];
}
