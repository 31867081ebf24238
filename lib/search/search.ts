import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import type { SearchQuery, SearchResult } from "#lib/search/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** The best passages for a query among what `supabase`'s user may see, by meaning and by words, each with its citation. */
export async function search(
  { supabase, embedder }: { supabase: Supabase; embedder: Embedder },
  { q, limit, documentId }: SearchQuery,
): Promise<SearchResult[]> {
  const vector = await embedder.embedQuery(q);
  const rows = unwrap(
    await supabase.rpc("search_chunks", {
      p_query: q,
      p_embedding: encodeVector(vector),
      p_limit: limit,
      ...(documentId ? { p_document_id: documentId } : {}),
    }),
  );
  return rows.map((row) => ({
    documentId: row.document_id,
    chunkId: row.chunk_id,
    title: row.title,
    fileName: row.file_name,
    content: row.content,
    score: row.score,
    pageFrom: row.page_from,
    pageTo: row.page_to,
    headingPath: row.heading_path,
    charFrom: row.char_from,
    charTo: row.char_to,
    ordinal: row.ordinal,
  }));
}
