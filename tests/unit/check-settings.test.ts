import { expect, test } from "vitest";
import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import type { Env } from "#lib/env.ts";
import { embed } from "#lib/ingestion/embed.ts";
import { parse } from "#lib/ingestion/parse.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import { publish } from "#lib/ingestion/publish.ts";
import type { JobWork, PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

const env = {
  EMBEDDING_MODEL: "m",
  EMBEDDING_DIMENSIONS: 8,
  CHUNK_TOKENS: 400,
  CHUNK_OVERLAP_TOKENS: 50,
  OCR_LANGUAGES: "eng",
} as Env;

function makeDeps(settings: PipelineSettings) {
  const calls: string[] = [];
  const rpc = async (name: string) => {
    calls.push(name);
    const published = { published: true, planned: 1, stored: 1, missing: [] };
    const answers: Record<string, unknown> = { begin_stage: [{ settings }], publish_job: published };
    return { data: answers[name] ?? true, error: null };
  };
  const query = {
    select: () => query,
    eq: () => query,
    maybeSingle: async () => ({ data: { status: "ready" }, error: null }),
  };
  const supabase = { rpc, from: () => query } as unknown as Supabase;
  const work = { jobId: crypto.randomUUID(), attempt: 1, sizeBytes: 1, settings } as JobWork;
  return { calls, work, deps: { supabase, env, embedder: {} as Embedder } };
}

const changes: Partial<PipelineSettings>[] = [{ parser: "1" }, { chunker: "1" }, { model: "n" }, { dimensions: 16 }];

test.for(changes)("no stage goes on with a job of other settings: %o", async (change) => {
  for (const run of [
    ({ deps, work }) => parse(deps, work),
    ({ deps, work }) => embed(deps, { ...work, chunks: 1, batches: [], places: 1, refusals: 0, hasRested: false }),
    ({ deps, work }) => publish(deps, work),
  ] satisfies ((given: ReturnType<typeof makeDeps>) => Promise<unknown>)[]) {
    const given = makeDeps({ ...pipelineSettings(env), ...change });
    await expect(run(given)).rejects.toThrow("job_superseded");
    expect(given.calls.filter((name) => name !== "begin_stage")).toEqual(["begin_anew"]);
  }
});

test("what a job has of its own may differ, and costs no call", async () => {
  const { calls, deps, work } = makeDeps({ ...pipelineSettings(env), chunkTokens: 100, ocrLanguages: "deu" });
  await publish(deps, work);
  expect(calls).toEqual(["publish_job"]);
});
