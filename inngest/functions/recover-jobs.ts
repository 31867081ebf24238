import { cron } from "inngest";
import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import type { Deps } from "#lib/deps.ts";
import { recoverJobs } from "#lib/ingestion/recover-jobs.ts";

/** Asks again, every minute, for the jobs that show no sign of life. */
export function createRecoverJobs({ supabase, env }: Deps) {
  return inngest.createFunction(
    { id: "recover-jobs", triggers: [cron("* * * * *")], retries: 0 },
    async ({ step }) =>
      await step.run("recover", async () => {
        const { events, stalled } = await recoverJobs({ supabase, env });
        return {
          recovered: events.length,
          stalled: stalled.length,
          sent: await sendOutbox({ inngest, supabase }, events),
        };
      }),
  );
}
