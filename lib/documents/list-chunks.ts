import type { ChunkList } from "#lib/documents/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** `around` (a passage) comes before `before`, and that before `cursor` (ordinals). */
interface Page {
  documentId: string;
  around?: string | undefined;
  before?: number | undefined;
  cursor: number;
  limit: number;
}

/** So many passages stand before the one that was asked for. */
const leadingChunks = 3;

/**
 * The passages of a document that are searchable now, in order; none while nothing is published. A page is the one that begins at
 * `cursor`, or ends before `before`, or begins shortly before the passage `around`; where that is no longer there, at the beginning.
 */
export async function listChunks(
  { supabase }: { supabase: Supabase },
  { documentId, around, before, cursor, limit }: Page,
): Promise<ChunkList> {
  const document = unwrap(await supabase.from("documents").select("active_job_id").eq("id", documentId).maybeSingle());
  const jobId = document?.active_job_id;
  if (!jobId) return { chunks: [], previousCursor: null, nextCursor: null };
  if (around) return await readPage(supabase, jobId, await findStart(supabase, jobId, around, limit), limit);
  if (before) return await readPage(supabase, jobId, Math.max(before - limit, 0), Math.min(before, limit));
  return await readPage(supabase, jobId, cursor, limit);
}

async function findStart(supabase: Supabase, jobId: string, chunkId: string, limit: number): Promise<number> {
  const wanted = unwrap(
    await supabase.from("chunks").select("ordinal").eq("id", chunkId).eq("job_id", jobId).maybeSingle(),
  );
  return Math.max((wanted?.ordinal ?? 0) - Math.min(leadingChunks, limit - 1), 0);
}

async function readPage(supabase: Supabase, jobId: string, from: number, limit: number): Promise<ChunkList> {
  const rows = unwrap(
    await supabase
      .from("chunks")
      .select("id, ordinal, content, heading_path, page_from, page_to, char_from, char_to, token_count")
      .eq("job_id", jobId)
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
  return {
    chunks,
    previousCursor: from > 0 ? String(from) : null,
    nextCursor: next ? String(next.ordinal) : null,
  };
}
