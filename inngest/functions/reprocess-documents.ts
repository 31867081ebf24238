import { inngest } from "#inngest/client.ts";
import { documentsReprocessRequested } from "#inngest/events.ts";
import { stage } from "#inngest/functions/stage.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import type { Deps } from "#lib/deps.ts";
import { queueReprocessPage } from "#lib/documents/queue-reprocess-page.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";

/** Queues many documents again, a page a step. Sending the same event twice queues each document once. */
export function createReprocessDocuments({ supabase, env }: Deps) {
  const settings = pipelineSettings(env);
  return inngest.createFunction(
    { id: "reprocess-documents", triggers: [documentsReprocessRequested], retries: 4 },
    async ({ event, step }) => {
      const requestId = event.id ?? "";
      let queued = 0;
      let after: string | null = null;
      for (let page = 0; page === 0 || after !== null; page += 1) {
        const from: string | null = after;
        const done: { last: string | null; queued: number } = await step.run(
          `page-${page}`,
          stage(async () => {
            const { last, events } = await queueReprocessPage(
              { supabase },
              { requestId, filter: event.data, settings, after: from },
            );
            await sendOutbox({ inngest, supabase }, events);
            return { last, queued: events.length };
          }),
        );
        queued += done.queued;
        after = done.last;
      }
      return { queued };
    },
  );
}
