import { createDropLeftOvers } from "#inngest/functions/drop-left-overs.ts";
import { createIngestDocument } from "#inngest/functions/ingest-document.ts";
import { createRecoverJobs } from "#inngest/functions/recover-jobs.ts";
import { createRemoveDocument } from "#inngest/functions/remove-document.ts";
import { createReprocessDocuments } from "#inngest/functions/reprocess-documents.ts";
import { createSendWaitingEvents } from "#inngest/functions/send-waiting-events.ts";
import { createTidyUp } from "#inngest/functions/tidy-up.ts";
import type { Deps } from "#lib/deps.ts";

/** Every function that is served to the engine. */
export function createFunctions(deps: Deps) {
  return [
    createIngestDocument(deps),
    createDropLeftOvers(deps),
    createRemoveDocument(deps),
    createReprocessDocuments(deps),
    createSendWaitingEvents(deps),
    createRecoverJobs(deps),
    createTidyUp(deps),
  ];
}
