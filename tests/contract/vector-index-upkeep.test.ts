import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { maintainVectorIndex } from "#lib/search/maintain-vector-index.ts";
import { createServiceClient, type Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";
import { type EmbeddedSupabase, startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { makeChunks, makeVector, randomHash } from "./open-schema.ts";

// The product's schema, but with exact comparison for up to three passages only.
const folder = mkdtempSync(join(tmpdir(), "knowledgebase-upkeep-"));
let server: EmbeddedSupabase;
let supabase: Supabase;

beforeAll(async () => {
  cpSync(resolve("supabase/migrations"), folder, { recursive: true });
  const limit =
    "create or replace function public.exact_search_limit() returns integer language sql immutable set search_path = '' as $$ select 3 $$;";
  writeFileSync(join(folder, "29990101000000_small_limit.sql"), limit);
  server = await startEmbeddedSupabase({ migrationsDir: folder, dataDir: mkdtempSync(join(folder, "data-")) });
  supabase = createServiceClient({ SUPABASE_URL: server.url, SUPABASE_SECRET_KEY: server.secretKey });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function storePassages(count: number): Promise<void> {
  const email = `${crypto.randomUUID()}@example.com`;
  const { data, error } = await supabase.auth.admin.createUser({ email, password: crypto.randomUUID() });
  if (error) throw error;
  const ownerId = data.user.id;
  const id = crypto.randomUUID();
  const file = { title: "t", titleGiven: false, fileName: "t.md", mediaType: "text/markdown", sizeBytes: 1 };
  const document = { id, ...file, sha256: randomHash(), storageKey: `${ownerId}/${id}/source` };
  const settings = { model: "m", dimensions: 512 };
  unwrap(await supabase.rpc("register_document", { p_owner_id: ownerId, p_document: document, p_settings: settings }));
  const { id: jobId } = unwrap(await supabase.from("ingestion_jobs").select("id").eq("document_id", id).single());
  const run = { p_document_id: id, p_job_id: jobId, p_event_id: "e", p_run_id: "r", p_settings: settings };
  unwrap(await supabase.rpc("start_job", run));
  const chunks = JSON.stringify(makeChunks(0, count, makeVector));
  const store = { p_job_id: jobId, p_attempt: 1, p_chunks: JSON.parse(chunks), p_tokens: 0, p_requests: 0 };
  unwrap(await supabase.rpc("store_chunks", store));
}

test("the vector index is built when an owner has outgrown exact comparison, once, and what was done is told", async () => {
  await storePassages(3);
  await storePassages(2);
  expect(await maintainVectorIndex({ supabase })).toEqual({ isBuilt: false });
  expect(unwrap(await supabase.rpc("has_vector_index"))).toBe(false);

  await storePassages(4);
  expect(await maintainVectorIndex({ supabase })).toEqual({ isBuilt: true });
  expect(unwrap(await supabase.rpc("has_vector_index"))).toBe(true);
  expect(await maintainVectorIndex({ supabase }), "there is nothing left to do").toEqual({ isBuilt: false });
});
