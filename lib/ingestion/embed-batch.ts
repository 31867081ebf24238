import { z } from "zod";
import type { Embedded, Embedder } from "#lib/embeddings/create-embedder.ts";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { embedInTurn, paceOf, turnSchema } from "#lib/ingestion/embed-in-turn.ts";
import type { Chunk, JobRef } from "#lib/ingestion/schema.ts";
import { type ChunkRecord, type ChunkRow, describeChunk, storeChunks, toRecord } from "#lib/ingestion/store-chunks.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

export interface EmbedDeps {
  supabase: Supabase;
  embedder: Embedder;
  env: Env;
}

const preparedSchema = z.object({
  missing: z.array(z.object({ ordinal: z.number(), cached: z.boolean() })),
  turn: turnSchema.nullable(),
});

/**
 * Embeds passages by one request, and stores them with their vectors. Safe to repeat: what is stored is not sent again, and a vector
 * that the owner paid for before is taken from the cache. Without `canWait` it throws where the provider is to be asked later.
 */
export async function embedBatch(
  deps: EmbedDeps,
  job: JobRef,
  chunks: Chunk[],
  options: { canWait: boolean },
): Promise<{ stored: number; sent: number }> {
  const { supabase } = deps;
  const { toEmbed, toReuse, turn } = await sortOut(deps, job, chunks.map(describeChunk), options);

  await store(
    supabase,
    job,
    toReuse.map((row) => toRecord(row, job.jobId, null)),
    { tokens: 0, requests: 0 },
  );
  if (turn) {
    const { vectors, usage, stopped } = await embedInTurn(deps, job, {
      texts: toEmbed.map((row) => row.input),
      tokens: toEmbed.reduce((sum, row) => sum + row.chunk.tokenCount, 0),
      turn,
      ...options,
    });
    const records = vectors.map((vector, index) => toRecord(rowAt(toEmbed, index), job.jobId, encodeVector(vector)));
    await store(supabase, job, records, usage);
    if (stopped) throw nameRefused(stopped, toEmbed);
  }
  return { stored: toEmbed.length + toReuse.length, sent: toEmbed.length };
}

/** The failure, with the passage that is to blame where it is one. */
function nameRefused({ failure, refused }: NonNullable<Embedded["stopped"]>, rows: ChunkRow[]): Failure {
  if (refused === null) return failure;
  const { ordinal, pageFrom } = rowAt(rows, refused).chunk;
  const place = pageFrom === null ? "" : ` on page ${pageFrom}`;
  const detail = `The embeddings provider refused passage ${ordinal + 1}${place}.`;
  return new Failure(failure.code, { detail, cause: failure.cause });
}

/** What is not stored yet: what the cache has, and what must be paid for, with the turn to ask the provider for it. */
async function sortOut(deps: EmbedDeps, job: JobRef, rows: ChunkRow[], options: { canWait: boolean }) {
  const prepared = unwrap(
    await deps.supabase.rpc("prepare_batch", {
      p_job_id: job.jobId,
      p_attempt: job.attempt,
      p_ordinals: rows.map((row) => row.chunk.ordinal),
      p_hashes: rows.map((row) => row.hash),
      p_token_counts: rows.map((row) => row.chunk.tokenCount),
      ...paceOf(deps, options),
    }),
  );
  const { missing, turn } = preparedSchema.parse(prepared);
  const cached = new Map(missing.map((row) => [row.ordinal, row.cached]));
  return {
    toEmbed: rows.filter((row) => cached.get(row.chunk.ordinal) === false),
    toReuse: rows.filter((row) => cached.get(row.chunk.ordinal) === true),
    turn,
  };
}

async function store(
  supabase: Supabase,
  job: JobRef,
  records: ChunkRecord[],
  usage: { tokens: number; requests: number },
): Promise<void> {
  if (!(await storeChunks(supabase, job, records, usage))) throw new Failure("job_superseded");
}

function rowAt(rows: ChunkRow[], index: number): ChunkRow {
  const row = rows[index];
  if (!row) throw new Failure("embedding_response_invalid");
  return row;
}
