import type { Inngest } from "inngest";
import { markDispatched, markDispatchFailed, type OutboxEvent } from "#lib/documents/outbox.ts";
import { Failure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** How long the engine may take, in milliseconds; after that the outbox sees to the events. */
const patienceMs = 4000;

/**
 * Sends waiting events. Their ids are deterministic, so sending one twice starts one run. When the engine cannot be reached the
 * documents say `dispatch_failed`, the events stay in the outbox, and the answer is false. With `noted: false` nothing is written where
 * all goes well: the run that an event starts notes that it was sent, and what has not begun within a minute is sent once more.
 */
export async function sendOutbox(
  { inngest, supabase }: { inngest: Inngest; supabase: Supabase },
  events: OutboxEvent[],
  { noted = true }: { noted?: boolean } = {},
): Promise<boolean> {
  if (events.length === 0) return true;
  const eventIds = events.map((event) => event.id);
  try {
    await withPatience(inngest.send(events));
  } catch (cause) {
    const failure = new Failure("dispatch_failed", { cause });
    const correlationId = crypto.randomUUID();
    log.error("events could not be sent", { correlationId, eventIds, code: failure.code, cause });
    await markDispatchFailed({ supabase }, { eventIds, failure, correlationId });
    return false;
  }
  if (noted) await markDispatched({ supabase }, eventIds);
  return true;
}

async function withPatience(sending: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The engine did not answer within ${patienceMs} ms.`)), patienceMs);
  });
  try {
    await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
    sending.catch(() => undefined);
  }
}
