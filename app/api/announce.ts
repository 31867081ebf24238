import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import type { Deps } from "#lib/deps.ts";
import { type OutboxEvent, readUnsent } from "#lib/documents/outbox.ts";

/**
 * Sends what waits in the outbox for a document or a job, or one event, which need not be read where it is known. A dead engine is no
 * error here: the document shows it, and it is sent later.
 */
export async function announce(
  { supabase }: Deps,
  what: { documentId: string } | { jobId: string } | { eventId: string } | OutboxEvent,
): Promise<void> {
  if ("id" in what) await sendOutbox({ inngest, supabase }, [what], { noted: false });
  else await sendOutbox({ inngest, supabase }, await readUnsent({ supabase }, what));
}
