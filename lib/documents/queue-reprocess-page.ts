import { z } from "zod";
import type { OutboxEvent } from "#lib/documents/outbox.ts";
import type { BulkReprocess } from "#lib/documents/schema.ts";
import type { PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Documents a page: one step queues them in one transaction. */
const pageSize = 100;

const pageSchema = z.object({
  last: z.uuid().nullable(),
  events: z.array(z.object({ id: z.string(), name: z.string(), data: z.record(z.string(), z.unknown()) })),
});

interface Input {
  /** The same request never queues a document twice. */
  requestId: string;
  filter: BulkReprocess & { ownerId?: string | undefined };
  settings: PipelineSettings;
  /** The last document of the page before. */
  after: string | null;
}

/** Queues the next page of a bulk reprocess. Answers with the events to send, and where the next page begins, or null. Safe to repeat. */
export async function queueReprocessPage(
  { supabase }: { supabase: Supabase },
  { requestId, filter, settings, after }: Input,
): Promise<{ last: string | null; events: OutboxEvent[] }> {
  const page = unwrap(
    await supabase.rpc("queue_reprocess_page", {
      p_request_id: requestId,
      // Ids of an event that came from elsewhere may be in capitals.
      p_filter: JSON.parse(JSON.stringify({ ...filter, ids: filter.ids?.map((id) => id.toLowerCase()) })),
      p_settings: { ...settings },
      // The generated types do not know that a null is welcome here.
      p_after: after as string,
      p_limit: pageSize,
    }),
  );
  return pageSchema.parse(page);
}
