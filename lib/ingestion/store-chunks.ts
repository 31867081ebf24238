import { createHash } from "node:crypto";
import { Failure } from "#lib/errors.ts";
import { deriveId } from "#lib/ingestion/derive-id.ts";
import { readPublished } from "#lib/ingestion/read-published.ts";
import { type Chunk, embeddingInput, type JobRef } from "#lib/ingestion/schema.ts";
import { takeTurn } from "#lib/ingestion/take-turn.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Rows a call: what others ask of PGlite waits for one or two of them, of some 20 ms each; with 64 rows small calls take a third longer. */
const rowsPerCall = 32;

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

/** A passage as `store_chunks` takes it. `idSource` is what its id follows from; `embedding` is as `encodeVector` gives it, null for what was paid for before. */
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

interface Stored {
  records: ChunkRecord[];
  /** What was paid for them. */
  usage?: { tokens: number; requests: number };
  /** Publishes the job with the last of them, when all its passages are there then. */
  publishes?: boolean;
}

/**
 * Stores passages of a job, and adds up what was paid for them. Throws `job_superseded`, and what `publish` throws. Safe to repeat.
 */
export async function storeChunks(
  supabase: Supabase,
  { jobId, attempt }: JobRef,
  { records, usage, publishes = false }: Stored,
): Promise<void> {
  const ownJob = { p_job_id: jobId, p_attempt: attempt };
  let left = records;
  let paid = { p_tokens: usage?.tokens ?? 0, p_requests: usage?.requests ?? 0 };
  while (left.length > (publishes ? rowsPerCall : 0)) {
    const asked = { ...ownJob, p_chunks: left.slice(0, rowsPerCall), ...paid };
    const isStored = unwrap(await takeTurn(() => supabase.rpc("store_chunks", asked)));
    if (!isStored) throw new Failure("job_superseded");
    left = left.slice(rowsPerCall);
    paid = { p_tokens: 0, p_requests: 0 };
  }
  if (!publishes) return;
  const asked = { ...ownJob, p_chunks: left, ...paid };
  readPublished(unwrap(await takeTurn(() => supabase.rpc("store_last_chunks", asked))));
}
