import { cron } from "inngest";
import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import type { Deps } from "#lib/deps.ts";
import { readUnsent } from "#lib/documents/outbox.ts";

/** Younger events are still in the hands of the request that wrote them. */
const olderThanMs = 5000;

/** Sends, every minute, the events that could not be sent when they were written. */
export function createSendWaitingEvents({ supabase }: Deps) {
  return inngest.createFunction(
    { id: "send-waiting-events", triggers: [cron("* * * * *")], retries: 0 },
    async ({ step }) =>
      await step.run("send", async () => {
        const events = await readUnsent({ supabase }, { olderThanMs });
        return { waiting: events.length, sent: await sendOutbox({ inngest, supabase }, events) };
      }),
  );
}
