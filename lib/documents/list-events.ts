import { z } from "zod";
import { type EventView, eventViewSchema } from "#lib/documents/schema.ts";
import { viewStoredFailure } from "#lib/errors.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const mostEvents = 200;

/** The timeline of a document, newest first, at most 200 lines. */
export async function listEvents(
  { supabase }: { supabase: Supabase },
  { documentId }: { documentId: string },
): Promise<EventView[]> {
  const rows = unwrap(
    await supabase
      .from("ingestion_events")
      .select("id, at, level, stage, code, message, ingestion_jobs(number)")
      .eq("document_id", documentId)
      .order("id", { ascending: false })
      .limit(mostEvents),
  );
  return z.array(eventViewSchema).parse(
    rows.map(({ ingestion_jobs, ...row }) => {
      const { code, message } = row.level === "error" ? viewStoredFailure(row) : row;
      return { ...row, code, message, jobNumber: ingestion_jobs?.number ?? null };
    }),
  );
}
