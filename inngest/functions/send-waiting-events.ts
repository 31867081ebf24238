import { cron } from "inngest";
import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import type { Deps } from "#lib/deps.ts";
import { readUnsent } from "#lib/documents/outbox.ts";

/** Younger events are still in the hands of the request that wrote them. */
const olderThanMs = 5000;
/** Of a hundred events each: what a bulk import leaves in a minute, within what a step may take. */
const mostRounds = 50;

/** Sends, every minute, the events of which nobody has noted that they were sent. */
export function createSendWaitingEvents({ supabase }: Deps) {
  return inngest.createFunction(
    { id: "send-waiting-events", triggers: [cron("* * * * *")], retries: 0 },
    async ({ step }) =>
      await step.run("send", async () => {
        let sent = 0;
        for (let round = 0; round < mostRounds; round += 1) {
          const events = await readUnsent({ supabase }, { olderThanMs });
          if (events.length === 0 || !(await sendOutbox({ inngest, supabase }, events))) break;
          sent += events.length;
        }
        return { sent };
      }),
  );
}
