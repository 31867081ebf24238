import { inngest } from "#inngest/client.ts";
import { sendOutbox } from "#inngest/send-outbox.ts";
import type { Deps } from "#lib/deps.ts";
import { readUnsent } from "#lib/documents/outbox.ts";

/** Sends what waits in the outbox for a document, or one event. A dead engine is no error here: the document shows it, and it is sent later. */
export async function announce({ supabase }: Deps, what: { documentId: string } | { eventId: string }): Promise<void> {
  await sendOutbox({ inngest, supabase }, await readUnsent({ supabase }, what));
}
