import { createHash } from "node:crypto";
import { deriveId } from "#lib/ingestion/derive-id.ts";
import { type Chunk, embeddingInput, type JobRef } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Rows a call: on PGlite a small write of somebody else then waits 18 ms in the median, behind 250 rows 113 ms. */
const rowsPerCall = 64;

/** A passage with what is embedded of it, and the SHA-256 (hex) by which that is known again. */
export interface ChunkRow {
  chunk: Chunk;
  input: string;
  hash: string;
}

export type ChunkRecord = ReturnType<typeof toRecord>;

export function describeChunk(chunk: Chunk): ChunkRow {
  const input = embeddingInput(chunk);
  return { chunk, input, hash: createHash("sha256").update(input).digest("hex") };
}

/** A passage as `store_chunks` takes it. `idSource` is what its id follows from; `embedding` is as `encodeVector` gives it, null for the cache's. */
export function toRecord({ chunk, hash }: ChunkRow, idSource: string, embedding: string | null) {
  return {
    id: deriveId(`${idSource}:${chunk.ordinal}`),
    ordinal: chunk.ordinal,
    content: chunk.content,
    heading_path: chunk.headingPath,
    page_from: chunk.pageFrom,
    page_to: chunk.pageTo,
    char_from: chunk.charFrom,
    char_to: chunk.charTo,
    token_count: chunk.tokenCount,
    content_hash: hash,
    embedding,
  };
}

/** Stores passages of a job, and adds up what was paid for them. False when the job is no longer the caller's. Safe to repeat. */
export async function storeChunks(
  supabase: Supabase,
  { jobId, attempt }: JobRef,
  records: ChunkRecord[],
  usage: { tokens: number; requests: number },
): Promise<boolean> {
  for (let start = 0; start < records.length; start += rowsPerCall) {
    const paid = start === 0 ? usage : { tokens: 0, requests: 0 };
    const alive = unwrap(
      await supabase.rpc("store_chunks", {
        p_job_id: jobId,
        p_attempt: attempt,
        p_chunks: records.slice(start, start + rowsPerCall),
        p_tokens: paid.tokens,
        p_requests: paid.requests,
      }),
    );
    if (!alive) return false;
  }
  return true;
}
