import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adoptUploads } from "#lib/documents/adopt-uploads.ts";
import { pruneIndexes } from "#lib/documents/prune-indexes.ts";
import { removeOrphans } from "#lib/documents/remove-orphans.ts";
import { estimateSchema, uploadGrantSchema } from "#lib/documents/schema.ts";
import type { Env } from "#lib/env.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { openControls } from "#tests/embedded/embeddings.ts";
import { bootOwnStack, makeDataDir, type OwnStack, removeDataDir } from "./boot-own-stack.ts";
import { countRows, listObjects, openDatabase } from "./database.ts";
import { makeMarkdown } from "./files.ts";
import { createOwner } from "./owner.ts";
import { runFunction } from "./run-function.ts";

const leaseSeconds = 5;

const dataDir = await makeDataDir();
let stack: OwnStack;
let database: Supabase;

beforeAll(async () => {
  const env = {
    JOB_LEASE_SECONDS: String(leaseSeconds),
    JOB_RECOVERIES: "2",
    INNGEST_RETRY_INTERVAL: "1",
    EMBEDDINGS_LATENCY_MS: "1500",
    EMBEDDINGS_CONTROL: "1",
  };
  stack = await bootOwnStack({ dir: dataDir, env });
  database = openDatabase(stack.json);
});
afterAll(async () => {
  await stack?.stop();
  await removeDataDir(dataDir);
});

const readJob = async (documentId: string) => {
  const { data, error } = await database
    .from("ingestion_jobs")
    .select("id, run_id, attempt, recoveries, status, heartbeat_at")
    .eq("document_id", documentId)
    .single();
  if (error) throw new Error(error.message);
  return data;
};

/**
 * Uploads a document and ends its run behind the product's back, as a lost engine would: the job stays in work, and nobody works. The
 * provider is away meanwhile, for a worker that is in the middle of a step ends it, and goes on to the next.
 */
async function loseRun(owner: Api, name: string) {
  const provider = openControls(stack.json.embeddingsUrl);
  await provider.control([{ match: name, status: 503 }]);
  const { id } = await owner.upload(makeMarkdown(name, 20));
  await owner.follow(id, ({ stage }) => stage === "embed");
  const job = await readJob(id);
  const ended = await fetch(`${stack.json.engineUrl}/v1/runs/${job.run_id}`, { method: "DELETE" });
  expect(ended.ok).toBe(true);
  await waitUntilSilent(id, 3_000);
  await provider.control([]);
  return { id, jobId: job.id };
}

/** Until a job has shown no sign of life for so long. */
async function waitUntilSilent(documentId: string, forMs: number): Promise<void> {
  await waitUntil("Somebody is still at work", 30_000, async () => {
    return Date.now() - Date.parse((await readJob(documentId)).heartbeat_at) > forMs;
  });
}

/** A document whose provider is away for longer than all tries last. */
async function outlastAllTries(owner: Api) {
  const provider = openControls(stack.json.embeddingsUrl);
  await provider.control([{ match: "outlasted.md", status: 503 }]);
  const { id } = await owner.upload(makeMarkdown("outlasted.md", 3));
  const failed = await owner.follow(id, ({ status }) => status === "error");
  expect(failed.error).toMatchObject({ code: "embedding_unavailable", stage: "embed" });
  await provider.control([]);
  return { id };
}

describe("the sweep", () => {
  test("asks again for a lost run and for what an outage ended; what is lost again and again ends with `stalled`", async () => {
    const owner = await createOwner(stack.json);
    const outlasted = await outlastAllTries(owner);
    const lost = await loseRun(owner, "lost.md");
    const hopeless = await loseRun(owner, "hopeless.md");
    await database.from("ingestion_jobs").update({ recoveries: 2 }).eq("id", hopeless.jobId);
    await waitUntilSilent(hopeless.id, leaseSeconds * 1000);
    await runFunction(stack.json, "recover-jobs");

    const ready = await owner.follow(lost.id, ({ status }) => status === "ready", 150_000);
    expect(await readJob(lost.id)).toMatchObject({ recoveries: 1, attempt: 2, status: "ready" });
    expect(await countRows(database, "chunks", "document_id", lost.id)).toBe(ready.chunkCount);
    const events = (await (await owner.call(`/api/documents/${lost.id}/events`)).json()) as {
      events: { code: string }[];
    };
    expect(events.events.map(({ code }) => code)).toContain("recovered");

    await owner.follow(outlasted.id, ({ status }) => status === "ready", 150_000);
    expect(await readJob(outlasted.id)).toMatchObject({ attempt: 2, status: "ready" });

    const given = await owner.follow(hopeless.id, ({ status }) => status === "error", 150_000);
    expect(given.error).toMatchObject({ code: "stalled" });
    expect((await owner.call(`/api/documents/${hopeless.id}/reprocess`, { method: "POST" })).status).toBe(202);
    await owner.follow(hopeless.id, ({ status }) => status === "ready");
  });
});

describe("what was left behind", () => {
  const env = () =>
    ({
      MAX_FILE_BYTES: 1024 * 1024,
      ROLLBACK_HOURS: 24,
      CHUNK_TOKENS: 400,
      CHUNK_OVERLAP_TOKENS: 50,
      EMBEDDING_MODEL: "embedded-lexical",
      EMBEDDING_DIMENSIONS: 512,
    }) as Env;

  async function sendWithoutRegistering(owner: Api, fileName: string, bytes: Uint8Array<ArrayBuffer> | null) {
    const asked = await owner.call("/api/uploads", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ fileName, sizeBytes: 100 }),
    });
    const { uploadId, signedUrl } = uploadGrantSchema.parse(await asked.json());
    if (bytes) expect((await fetch(signedUrl, { method: "PUT", body: bytes })).ok).toBe(true);
    return uploadId;
  }
  const age = async (id: string, created: string, expires: string) => {
    const { error } = await database.from("uploads").update({ created_at: created, expires_at: expires }).eq("id", id);
    if (error) throw new Error(error.message);
  };

  test("a file whose client never came back becomes a document, a refused one goes, an expired grant is forgotten", async () => {
    const owner = await createOwner(stack.json);
    const text = new TextEncoder().encode("# Notes\n\nThe client went away after it had sent this file.\n");
    const arrived = await sendWithoutRegistering(owner, "left.md", text);
    const refused = await sendWithoutRegistering(
      owner,
      "left.bin",
      new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
    );
    const waiting = await sendWithoutRegistering(owner, "never.md", null);
    const expired = await sendWithoutRegistering(owner, "expired.md", null);
    const deps = { supabase: database, env: env() };
    expect(await adoptUploads(deps), "young uploads are left alone").toEqual({
      adopted: [],
      refused: 0,
      failed: 0,
      expired: 0,
    });

    const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    for (const id of [arrived, refused, waiting]) await age(id, anHourAgo, inAnHour);
    await age(expired, anHourAgo, anHourAgo);
    expect(await adoptUploads(deps)).toEqual({ adopted: [arrived], refused: 1, failed: 0, expired: 1 });
    await database.from("outbox").update({ created_at: anHourAgo }).is("sent_at", null);
    await runFunction(stack.json, "send-waiting-events");
    expect((await owner.follow(arrived, ({ status }) => status === "ready", 150_000)).title).toBe("Notes");
    const { data } = await database.from("uploads").select("id").eq("owner_id", owner.userId);
    expect(data).toEqual([{ id: waiting }]);
    expect(await listObjects(database, "documents", owner.userId)).toHaveLength(1);
  });

  test("a file whose cost was asked for is taken in at its owner's word alone, and goes without it", async () => {
    const owner = await createOwner(stack.json);
    const post = (path: string, body: object) =>
      owner.call(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const text = (name: string) => new TextEncoder().encode(`# ${name}\n\nA file that awaits a word about its cost.\n`);
    const wanted = await sendWithoutRegistering(owner, "wanted.md", text("Wanted"));
    const unwanted = await sendWithoutRegistering(owner, "unwanted.md", text("Unwanted"));
    for (const uploadId of [wanted, unwanted]) {
      const estimated = await post("/api/documents/estimate", { uploadId });
      expect(estimated.status).toBe(200);
      expect(estimateSchema.parse(await estimated.json())).toMatchObject({ chunks: 1, priceUsd: null });
    }
    const stranger = await createOwner(stack.json);
    const stolen = await stranger.call("/api/documents/estimate", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uploadId: wanted }),
    });
    expect(stolen.status).toBe(404);

    const deps = { supabase: database, env: env() };
    const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    for (const id of [wanted, unwanted]) await age(id, anHourAgo, inAnHour);
    expect(await adoptUploads(deps)).toEqual({ adopted: [], refused: 0, failed: 0, expired: 0 });
    expect((await post("/api/documents", { uploadId: wanted })).status).toBe(202);
    await owner.follow(wanted, ({ status }) => status === "ready");

    await age(unwanted, anHourAgo, anHourAgo);
    expect(await adoptUploads(deps)).toEqual({ adopted: [], refused: 0, failed: 0, expired: 1 });
    expect((await post("/api/documents", { uploadId: unwanted })).status).toBe(404);
    expect(await countRows(database, "documents", "owner_id", owner.userId)).toBe(1);
    expect(await listObjects(database, "documents", owner.userId)).toHaveLength(2);
    await removeOrphans(deps, { olderThanSeconds: 0 });
    expect(await listObjects(database, "documents", owner.userId)).toHaveLength(1);
  });

  test("objects without a row are removed once they are old, and nothing else is", async () => {
    const owner = await createOwner(stack.json);
    const { id } = await owner.upload(makeMarkdown("kept.md", 2));
    await owner.follow(id, ({ status }) => status === "ready");
    // What a former version has left of a job that is kept.
    const text = `${owner.userId}/${id}/${(await readJob(id)).id}/parsed.json.gz`;
    await database.storage.from("ingestion").upload(text, new Blob(["text"]));
    const bucket = database.storage.from("documents");
    await bucket.upload(`${owner.userId}/${randomUUID()}/source`, new Blob(["lost"]));
    const objects = () => listObjects(database, "documents", owner.userId);
    expect(await removeOrphans({ supabase: database }, { olderThanSeconds: 3600 })).toEqual({ removed: 0 });
    expect(await objects()).toHaveLength(2);
    await removeOrphans({ supabase: database }, { olderThanSeconds: 0 });
    expect(await objects()).toEqual([`${owner.userId}/${id}/source`]);
    expect(await listObjects(database, "ingestion", owner.userId)).toHaveLength(1);
    expect(await pruneIndexes({ supabase: database, env: env() })).toMatchObject({ chunks: 0 });
    expect(await countRows(database, "chunks", "document_id", id)).toBeGreaterThan(0);
  });

  test("a document whose deletion was lost is removed", async () => {
    const owner = await createOwner(stack.json);
    const { id } = await owner.upload(makeMarkdown("deleted.md", 2));
    await owner.follow(id, ({ status }) => status === "ready");
    const longAgo = new Date(Date.now() - 2 * 3_600_000).toISOString();
    await database.from("documents").update({ deleted_at: longAgo }).eq("id", id);
    await runFunction(stack.json, "tidy-up");
    await waitUntil("The document is not gone", 60_000, async () => {
      return (await countRows(database, "documents", "id", id)) === 0;
    });
    expect(await listObjects(database, "documents", owner.userId)).toEqual([]);
  });
});
