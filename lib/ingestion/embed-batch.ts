import { createHash } from "node:crypto";
import type { Embedded, Embedder } from "#lib/embeddings/create-embedder.ts";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { deriveId } from "#lib/ingestion/derive-id.ts";
import { embedInTurn } from "#lib/ingestion/embed-in-turn.ts";
import { type Chunk, embeddingInput, type JobRef } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/** Rows a call: on PGlite a small write of somebody else then waits 18 ms in the median, behind 250 rows 113 ms. */
const rowsPerCall = 64;

export interface EmbedDeps {
  supabase: Supabase;
  embedder: Embedder;
  env: Env;
}

interface Row {
  chunk: Chunk;
  input: string;
  hash: string;
}

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
  const { toEmbed, toReuse } = await sortOut(supabase, job, chunks.map(describe));

  await store(
    supabase,
    job,
    toReuse.map((row) => toRecord(job, row, null)),
    { tokens: 0, requests: 0 },
  );
  if (toEmbed.length > 0) {
    const { vectors, usage, stopped } = await embedInTurn(deps, job, {
      texts: toEmbed.map((row) => row.input),
      tokens: toEmbed.reduce((sum, row) => sum + row.chunk.tokenCount, 0),
      ...options,
    });
    const records = vectors.map((vector, index) => toRecord(job, rowAt(toEmbed, index), encodeVector(vector)));
    await store(supabase, job, records, usage);
    if (stopped) throw nameRefused(stopped, toEmbed);
  }
  return { stored: toEmbed.length + toReuse.length, sent: toEmbed.length };
}

function describe(chunk: Chunk): Row {
  const input = embeddingInput(chunk);
  return { chunk, input, hash: createHash("sha256").update(input).digest("hex") };
}

/** The failure, with the passage that is to blame where it is one. */
function nameRefused({ failure, refused }: NonNullable<Embedded["stopped"]>, rows: Row[]): Failure {
  if (refused === null) return failure;
  const { ordinal, pageFrom } = rowAt(rows, refused).chunk;
  const place = pageFrom === null ? "" : ` on page ${pageFrom}`;
  const detail = `The embeddings provider refused passage ${ordinal + 1}${place}.`;
  return new Failure(failure.code, { detail, cause: failure.cause });
}

/** What is not stored yet: what must be paid for, and what the cache has. */
async function sortOut(supabase: Supabase, job: JobRef, rows: Row[]) {
  const missing = unwrap(
    await supabase.rpc("read_missing_chunks", {
      p_job_id: job.jobId,
      p_attempt: job.attempt,
      p_ordinals: rows.map((row) => row.chunk.ordinal),
      p_hashes: rows.map((row) => row.hash),
    }),
  );
  const cached = new Map(missing.map((row) => [row.ordinal, row.cached]));
  return {
    toEmbed: rows.filter((row) => cached.get(row.chunk.ordinal) === false),
    toReuse: rows.filter((row) => cached.get(row.chunk.ordinal) === true),
  };
}

async function store(
  supabase: Supabase,
  { jobId, attempt }: JobRef,
  records: Record<string, unknown>[],
  usage: { tokens: number; requests: number },
): Promise<void> {
  for (let start = 0; start < records.length; start += rowsPerCall) {
    const paid = start === 0 ? usage : { tokens: 0, requests: 0 };
    const alive = unwrap(
      await supabase.rpc("store_chunks", {
        p_job_id: jobId,
        p_attempt: attempt,
        p_chunks: records.slice(start, start + rowsPerCall) as never,
        p_tokens: paid.tokens,
        p_requests: paid.requests,
      }),
    );
    if (!alive) throw new Failure("job_superseded");
  }
}

function toRecord({ jobId }: JobRef, { chunk, hash }: Row, embedding: string | null): Record<string, unknown> {
  return {
    id: deriveId(`${jobId}:${chunk.ordinal}`),
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

function rowAt(rows: Row[], index: number): Row {
  const row = rows[index];
  if (!row) throw new Failure("embedding_response_invalid");
  return row;
}
