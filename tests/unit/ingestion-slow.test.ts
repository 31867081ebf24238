import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import type { Env } from "#lib/env.ts";
import { Failure } from "#lib/errors.ts";
import { embed } from "#lib/ingestion/embed.ts";
import { batchName } from "#lib/ingestion/pack-batches.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import type { Chunk } from "#lib/ingestion/schema.ts";
import { createWorkStore } from "#lib/ingestion/work-store.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

const batches = Array.from({ length: 10 }, (_, index) => index);
const begun = { places: 1, refusals: 0, hasRested: false };
const usage = { tokens: 1, requests: 1 };

/** A database that says yes to everything, and a bucket in memory. */
function makeSupabase(): Supabase {
  const objects = new Map<string, Blob>();
  const turn = { wait_seconds: 0, turn_seconds: 0, is_taken: true, code: null, after_pause: null };
  const answers: Record<string, unknown> = {
    begin_stage: [{ owner_id: "o", document_id: "d", job_id: "j", settings: pipelineSettings({} as Env) }],
    prepare_batch: { missing: [{ ordinal: 0, cached: false }], turn },
  };
  return {
    rpc: async (name: string) => ({ data: answers[name] ?? true, error: null }),
    storage: {
      from: () => ({
        upload: async (key: string, bytes: Uint8Array<ArrayBuffer>) => {
          objects.set(key, new Blob([bytes]));
          return { data: {}, error: null };
        },
        download: async (key: string) => ({ data: objects.get(key), error: null }),
      }),
    },
  } as unknown as Supabase;
}

/** Embeds ten batches by what a test puts in the provider's place, in a minute that a test ends. */
async function embedTen(embedDocuments: Embedder["embedDocuments"], minute: AbortSignal) {
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(minute);
  const supabase = makeSupabase();
  const chunk = { ordinal: 0, content: "harbour", headingPath: [], pageFrom: null, tokenCount: 1 } as unknown as Chunk;
  const store = createWorkStore(supabase, "o/d/j");
  for (const index of batches) await store.write(batchName(index), [chunk]);
  const readLimits = () => ({ requestsPerMinute: null, tokensPerMinute: null });
  const embedder = { model: "m", dimensions: 2, readLimits, embedDocuments } as unknown as Embedder;
  return await embed({ supabase, embedder, env: {} as Env }, { jobId: "j", attempt: 1, chunks: 10, batches, ...begun });
}

/** Waits as one in line does that gets no place. */
async function stand(signal: AbortSignal | undefined): Promise<never> {
  if (signal && !signal.aborted) await once(signal, "abort");
  throw signal?.reason;
}

afterEach(() => void vi.restoreAllMocks());

test("what found no place at a slow provider in its minute is left for the next one, and that is no failure", async () => {
  const minute = new AbortController();
  setTimeout(() => minute.abort(), 20);
  expect(await embedTen((_texts, signal) => stand(signal), minute.signal)).toMatchObject({ left: batches });
});

test("and what found one is done", async () => {
  const minute = new AbortController();
  let asked = 0;
  const left = await embedTen(async (_texts, signal) => {
    asked += 1;
    if (asked > 3) return await stand(signal);
    if (asked === 3) setTimeout(() => minute.abort(), 20);
    return { vectors: [Float32Array.of(1, 0)], usage, stopped: null };
  }, minute.signal);
  expect(left.left).toHaveLength(7);
});

test("but a request that gets no answer in time is a failure, whoever stands in line behind it", async () => {
  const minute = new AbortController();
  let asked = 0;
  const run = embedTen(async (_texts, signal) => {
    asked += 1;
    if (asked > 1) return await stand(signal);
    setTimeout(() => minute.abort(), 20);
    throw new Failure("embedding_unavailable");
  }, minute.signal);
  await expect(run).rejects.toMatchObject({ code: "embedding_unavailable" });
});
