import { sendTogether } from "#app/api/send-together.ts";
import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import { createDeps, type Deps } from "#lib/deps.ts";
import { type OutboxEvent, readUnsent } from "#lib/documents/outbox.ts";

/** Of many uploads at once the engine hears in few calls, which cost it and this process a fraction. */
const sendKnown = sendTogether<OutboxEvent>((events) =>
  sendOutbox({ inngest, supabase: createDeps().supabase }, events, { noted: false }),
);

/**
 * Sends what waits in the outbox for a document or a job, or one event, which need not be read where it is known. A dead engine is no
 * error here: the document shows it, and it is sent later.
 */
export async function announce(
  { supabase }: Deps,
  what: { documentId: string } | { jobId: string } | { eventId: string } | OutboxEvent,
): Promise<void> {
  if ("id" in what) await sendKnown(what);
  else await sendOutbox({ inngest, supabase }, await readUnsent({ supabase }, what));
}
