import { z } from "zod";
import { type Failure, viewFailure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** An event that waits to be sent. Sending it twice is harmless: its id is deterministic. */
export type OutboxEvent = z.infer<typeof outboxEventSchema>;

export const outboxEventSchema = z.object({
  id: z.string(),
  name: z.string(),
  data: z.record(z.string(), z.unknown()),
});

interface Deps {
  supabase: Supabase;
}

/**
 * The events that were not sent yet, oldest first: of a document (with the deletion of what went with it) or of several, of a job, one by
 * its id, or all that are at least `olderThanMs` old.
 */
export async function readUnsent(
  { supabase }: Deps,
  filter:
    | { documentId: string }
    | { documentIds: string[] }
    | { jobId: string }
    | { eventId: string }
    | { olderThanMs: number },
): Promise<OutboxEvent[]> {
  let unsent = supabase.from("outbox").select("id, name, data").is("sent_at", null).order("created_at").limit(100);
  if ("documentId" in filter) {
    // A caller may have written it in capitals, which the database reads as the same id, but not in JSON.
    const documentId = filter.documentId.toLowerCase();
    unsent = unsent.or(`data->>documentId.eq.${documentId},data->>parentId.eq.${documentId}`);
  } else if ("documentIds" in filter) unsent = unsent.in("data->>documentId", filter.documentIds);
  else if ("jobId" in filter) unsent = unsent.eq("data->>jobId", filter.jobId);
  else if ("eventId" in filter) unsent = unsent.eq("id", filter.eventId);
  else unsent = unsent.lt("created_at", new Date(Date.now() - filter.olderThanMs).toISOString());
  return z.array(outboxEventSchema).parse(unwrap(await unsent));
}

/** Notes that the events are on their way; a document that said `dispatch_failed` is queued again. */
export async function markDispatched({ supabase }: Deps, eventIds: string[]): Promise<void> {
  unwrap(await supabase.rpc("mark_dispatched", { p_event_ids: eventIds }));
}

/** Notes that the events could not be sent; their documents say so until a later try gets through. */
export async function markDispatchFailed(
  { supabase }: Deps,
  { eventIds, failure, correlationId }: { eventIds: string[]; failure: Failure; correlationId: string },
): Promise<void> {
  const error = { ...viewFailure(failure), correlationId };
  unwrap(await supabase.rpc("mark_dispatch_failed", { p_event_ids: eventIds, p_error: error }));
}
