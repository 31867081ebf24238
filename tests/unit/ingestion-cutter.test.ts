import { expect, test } from "vitest";
import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { createCutter } from "#lib/ingestion/create-cutter.ts";
import type { Chunk, JobWork, ParsedWindow } from "#lib/ingestion/schema.ts";
import { createMemoryStore } from "#lib/ingestion/work-store.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

const batchChunks = 4;
const batches = 20;

/** A database that has nothing of the job yet and takes everything. */
const supabase = {
  rpc: async (name: string, given: { p_ordinals?: number[] }) => {
    const turn = { wait_seconds: 0, turn_seconds: 0, is_taken: true, code: null, after_pause: null };
    const missing = given.p_ordinals?.map((ordinal) => ({ ordinal, cached: false }));
    const answers: Record<string, unknown> = { begin_stage: [{}], prepare_batch: { missing, turn } };
    return { data: answers[name] ?? true, error: null };
  },
} as unknown as Supabase;

/** Cuts a text of twenty batches that comes at once, and tells what the provider was asked for and what was left. */
async function cut(until: number, refuses: (request: number) => boolean = () => false) {
  let requests = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const embedder = {
    model: "m",
    dimensions: 8,
    readLimits: () => ({ requestsPerMinute: null, tokensPerMinute: null }),
    embedDocuments: async (texts: string[]) => {
      requests += 1;
      if (refuses(requests)) throw new Failure("embedding_unavailable");
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce -= 1;
      return { vectors: texts.map(() => new Float32Array(8)), usage: { tokens: 1, requests: 1 }, stopped: null };
    },
  } as unknown as Embedder;
  const settings = { chunkTokens: 60, chunkOverlapTokens: 0, model: "m", dimensions: 8 };
  const work = { jobId: crypto.randomUUID(), attempt: 1, settings } as JobWork;
  const store = createMemoryStore();
  const env = { EMBEDDING_BATCH_CHUNKS: batchChunks } as Env;
  const cutter = createCutter({ supabase, embedder, env }, work, { store, until });
  const sections = Array.from({ length: batches * batchChunks }, (_, index) => `${index} ${"harbour ".repeat(40)}`);
  await cutter.take(writeWindow(sections), { language: "en", isLast: true });
  const result = await cutter.finish({}, { mayPublish: true });
  const kept = await Promise.all(result.batches.map((index) => store.read<Chunk[]>(`chunks-${index}`)));
  return { ...result, requests, mostAtOnce, kept: kept.flat().map(({ ordinal }) => ordinal) };
}

function writeWindow(sections: string[]): ParsedWindow {
  let text = "";
  const blocks = sections.map((section) => {
    const start = text.length;
    text += section;
    return { kind: "paragraph" as const, start, end: text.length };
  });
  return { text, pages: [], blocks };
}

test("all batches of a text that came at once are embedded, eight at a time", async () => {
  const { chunks, batches: left, requests, mostAtOnce } = await cut(Number.POSITIVE_INFINITY);
  expect([chunks, left, requests, mostAtOnce]).toEqual([batches * batchChunks, [], batches, 8]);
});

test("what the time is too short for is stored for the embed stage", async () => {
  const { batches: left, requests, kept } = await cut(performance.now());
  expect([requests, left]).toEqual([0, Array.from({ length: batches }, (_, index) => index)]);
  expect(kept).toEqual(Array.from({ length: batches * batchChunks }, (_, index) => index));
});

test("after a refusal nothing more is asked for, and all that is open is stored", async () => {
  const { batches: left, requests, kept } = await cut(Number.POSITIVE_INFINITY, (request) => request === 3);
  expect(requests).toBeLessThan(batches);
  expect(left).toHaveLength(batches - requests + 1);
  expect(kept).toHaveLength(left.length * batchChunks);
});
