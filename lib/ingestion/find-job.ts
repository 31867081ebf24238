import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** The job that an event asked for: named by the event, or made for it. Null when none was made. */
export async function findJob(
  { supabase }: { supabase: Supabase },
  { jobId, eventId }: { jobId?: string | undefined; eventId: string },
): Promise<string | null> {
  if (jobId) return jobId;
  const job = unwrap(await supabase.from("ingestion_jobs").select("id").eq("event_id", eventId).maybeSingle());
  return job?.id ?? null;
}
