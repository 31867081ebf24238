import type { ChunkView } from "#lib/documents/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

interface Page {
  documentId: string;
  /** Ordinal to begin at. */
  from: number;
  limit: number;
}

/** The passages of a document that are searchable now, in order; none while nothing is published. */
export async function listChunks(
  { supabase }: { supabase: Supabase },
  { documentId, from, limit }: Page,
): Promise<{ chunks: ChunkView[]; nextCursor: string | null }> {
  const document = unwrap(await supabase.from("documents").select("active_job_id").eq("id", documentId).maybeSingle());
  if (!document?.active_job_id) return { chunks: [], nextCursor: null };
  const rows = unwrap(
    await supabase
      .from("chunks")
      .select("id, ordinal, content, heading_path, page_from, page_to, char_from, char_to, token_count")
      .eq("job_id", document.active_job_id)
      .gte("ordinal", from)
      .order("ordinal")
      .limit(limit + 1),
  );
  const chunks = rows.slice(0, limit).map((row) => ({
    id: row.id,
    ordinal: row.ordinal,
    content: row.content,
    headingPath: row.heading_path,
    pageFrom: row.page_from,
    pageTo: row.page_to,
    charFrom: row.char_from,
    charTo: row.char_to,
    tokenCount: row.token_count,
  }));
  const next = rows[limit];
  return { chunks, nextCursor: next ? String(next.ordinal) : null };
}
