import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { embed } from "#lib/ingestion/embed.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

const env = { EMBEDDING_MODEL: "m", EMBEDDING_DIMENSIONS: 8 } as Env;

interface Turn {
  wait_seconds: number;
  is_taken: boolean;
}

/** A database that gives out these turns, and keeps one passage a batch; it notes how long a wait it was asked for. */
function makeSupabase(turns: Turn[]) {
  const patience: number[] = [];
  const batch = gzipSync(JSON.stringify([{ ordinal: 0, content: "harbour", headingPath: [], tokenCount: 2 }]));
  const rpc = async (name: string, given: { p_longest_wait: number }) => {
    if (name === "begin_stage") return { data: [{ settings: pipelineSettings(env) }], error: null };
    if (name !== "prepare_batch") return { data: name !== "pause_embedding", error: null };
    patience.push(given.p_longest_wait);
    const turn = { turn_seconds: 85, code: null, after_pause: null, ...turns.shift() };
    return { data: { missing: [{ ordinal: 0, cached: false }], turn }, error: null };
  };
  const download = async () => ({ data: new Blob([batch]), error: null });
  return { patience, supabase: { rpc, storage: { from: () => ({ download }) } } as unknown as Supabase };
}

function makeEmbedder(failure?: Failure): Embedder {
  return {
    model: "m",
    readLimits: () => ({ requestsPerMinute: null, tokensPerMinute: null }),
    embedDocuments: async (texts: string[]) => {
      if (failure) throw failure;
      return { vectors: texts.map(() => new Float32Array(8)), usage: { tokens: 1, requests: 1 }, stopped: null };
    },
  } as unknown as Embedder;
}

const job = { jobId: crypto.randomUUID(), attempt: 1, chunks: 2, places: 1, refusals: 0, hasRested: false };
const now = { wait_seconds: 0, is_taken: true };

test("a turn that is too far away ends a part, and is no failure", async () => {
  const { supabase } = makeSupabase([{ wait_seconds: 100, is_taken: false }]);
  const part = await embed({ supabase, env, embedder: makeEmbedder() }, { ...job, batches: [3] });
  expect(part).toEqual({ left: [3], far: { waitSeconds: expect.closeTo(100, 0), turnSeconds: 85 }, refusals: 0 });
});

test("what has its turn is embedded, and the rest is left", async () => {
  const { supabase } = makeSupabase([now, { wait_seconds: 100, is_taken: false }]);
  const part = await embed({ supabase, env, embedder: makeEmbedder() }, { ...job, batches: [3, 4] });
  // Both are read at once, and whichever is there first takes the turn.
  expect([[3], [4]]).toContainEqual(part.left);
  expect(part.far).toMatchObject({ turnSeconds: 85 });
});

test("who has rested waits for a turn that is further away", async () => {
  const { supabase, patience } = makeSupabase([now, now]);
  const deps = { supabase, env, embedder: makeEmbedder() };
  await embed(deps, { ...job, batches: [3] });
  await embed(deps, { ...job, batches: [3], hasRested: true });
  expect(patience).toEqual([60, 120]);
});

test("what the provider refuses for its limits is left, twenty times in a row; then it is a failure, as any other is at once", async () => {
  const limited = makeEmbedder(new Failure("embedding_rate_limited"));
  const refuse = (embedder: Embedder, refusals: number) =>
    embed({ supabase: makeSupabase([now]).supabase, env, embedder }, { ...job, batches: [3], refusals });
  expect(await refuse(limited, 0)).toEqual({ left: [3], far: null, refusals: 1 });
  await expect(refuse(limited, 20)).rejects.toThrow("embedding_rate_limited");
  await expect(refuse(makeEmbedder(new Failure("embedding_unavailable")), 0)).rejects.toThrow("embedding_unavailable");
});
