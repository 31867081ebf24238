import { z } from "zod";
import type { Embedded, Embedder } from "#lib/embeddings/create-embedder.ts";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { embedInTurn, type FarTurn, paceOf, turnSchema } from "#lib/ingestion/embed-in-turn.ts";
import { asProgress, type Progress } from "#lib/ingestion/record-progress.ts";
import type { Chunk, JobRef } from "#lib/ingestion/schema.ts";
import { type ChunkRow, describeChunk, storeChunks, toRecord } from "#lib/ingestion/store-chunks.ts";
import { takeTurn } from "#lib/ingestion/take-turn.ts";
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

interface Options {
  /** How long it waits for its turn at the provider. */
  patienceSeconds: number;
  /** Until when it may stand in line for a provider that is too slow for all; else it throws there. */
  signal?: AbortSignal;
  /** Of the only batch of a document: what was found out before, with which the stage is entered. */
  entering?: Progress;
  /** Whether the job has no other passages and is published with these. */
  publishes?: boolean;
}

/**
 * Embeds passages by one request, and stores them with their vectors; where the turn at the provider is too far away, it answers with that,
 * and the passages are left. Throws `job_superseded`, and what the provider refuses. Safe to repeat: what is stored is not sent again, and a
 * vector that the owner paid for before is taken from there.
 */
export async function embedBatch(
  deps: EmbedDeps,
  job: JobRef,
  chunks: Chunk[],
  options: Options,
): Promise<FarTurn | null> {
  const { supabase } = deps;
  const { patienceSeconds, signal, publishes = false } = options;
  const { toEmbed, toReuse, turn } = await sortOut(deps, job, chunks.map(describeChunk), options);

  const reused = toReuse.map((row) => toRecord(row, job.jobId, null));
  await storeChunks(supabase, job, { records: reused, publishes: publishes && !turn });
  if (!turn) return null;
  const embedded = await embedInTurn(deps, job, {
    texts: toEmbed.map((row) => row.input),
    tokens: toEmbed.reduce((sum, row) => sum + row.chunk.tokenCount, 0),
    turn,
    patienceSeconds,
    signal,
  });
  if ("waitSeconds" in embedded) return embedded;
  const { vectors, usage, stopped } = embedded;
  const records = vectors.map((vector, index) => toRecord(rowAt(toEmbed, index), job.jobId, encodeVector(vector)));
  await storeChunks(supabase, job, { records, usage, publishes: publishes && !stopped });
  if (stopped) throw nameRefused(stopped, toEmbed);
  return null;
}

/** The failure, with the passage that is to blame where it is one. */
function nameRefused({ failure, refused }: NonNullable<Embedded["stopped"]>, rows: ChunkRow[]): Failure {
  if (refused === null) return failure;
  const { ordinal, pageFrom } = rowAt(rows, refused).chunk;
  const place = pageFrom === null ? "" : ` on page ${pageFrom}`;
  const detail = `The embeddings provider refused passage ${ordinal + 1}${place}.`;
  return new Failure(failure.code, { detail, cause: failure.cause });
}

/** What is not stored yet: what was paid for before, and what must be paid for, with the turn to ask the provider for it. */
async function sortOut(deps: EmbedDeps, job: JobRef, rows: ChunkRow[], { patienceSeconds, entering }: Options) {
  const asked = {
    p_job_id: job.jobId,
    p_attempt: job.attempt,
    p_ordinals: rows.map((row) => row.chunk.ordinal),
    p_hashes: rows.map((row) => row.hash),
    p_token_counts: rows.map((row) => row.chunk.tokenCount),
    ...paceOf(deps, patienceSeconds),
    ...(entering ? { p_progress: asProgress(job, entering) } : {}),
  };
  const prepared = unwrap(await takeTurn(() => deps.supabase.rpc("prepare_batch", asked), { isSmall: true }));
  if (prepared === null) throw new Failure("job_superseded");
  const { missing, turn } = preparedSchema.parse(prepared);
  const cached = new Map(missing.map((row) => [row.ordinal, row.cached]));
  return {
    toEmbed: rows.filter((row) => cached.get(row.chunk.ordinal) === false),
    toReuse: rows.filter((row) => cached.get(row.chunk.ordinal) === true),
    turn,
  };
}

function rowAt(rows: ChunkRow[], index: number): ChunkRow {
  const row = rows[index];
  if (!row) throw new Failure("embedding_response_invalid");
  return row;
}
