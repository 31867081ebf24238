import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DocumentView } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { countRows, listObjects, openDatabase } from "../database.ts";
import { makeMarkdown } from "../files.ts";
import { createOwner } from "../owner.ts";
import { reportPromise } from "./report-promise.ts";
import { type Parts, startParts } from "./start-parts.ts";

const isReady = (document: DocumentView) => document.status === "ready";

let parts: Parts;
beforeAll(async () => {
  const env = { EMBEDDING_BATCH_CHUNKS: "32", JOB_LEASE_SECONDS: "15" };
  parts = await startParts({ embeddingsLatencyMs: 300, retryInterval: 5, env });
});
afterAll(() => parts?.stop());

async function upload(owner: Api, prefix: string, count: number): Promise<string[]> {
  const files = Array.from({ length: count }, (_, index) => makeMarkdown(`${prefix}-${index}.md`, 5 * index + 1));
  const documents = await Promise.all(files.map((file) => owner.upload(file)));
  return documents.map(({ id }) => id);
}

async function post(owner: Api, file: File): Promise<{ status: number; code?: string; document?: DocumentView }> {
  const body = new FormData();
  body.set("file", file);
  const response = await owner.call("/api/documents", { method: "POST", body });
  return { status: response.status, ...((await response.json()) as { code?: string; document?: DocumentView }) };
}

/** Waits until all are ready, and answers with how long that took, in seconds. */
async function followAll(owner: Api, ids: string[]): Promise<number> {
  const began = Date.now();
  await Promise.all(ids.map((id) => owner.follow(id, isReady, 170_000)));
  return Math.round((Date.now() - began) / 1000);
}

test("storage refuses for 20 seconds", { timeout: 240_000 }, async ({ task }) => {
  const owner = await createOwner(parts.stack);
  const database = openDatabase(parts.stack);
  const ids = await upload(owner, "storage", 8);
  parts.toSupabase.intercept(({ path }) =>
    path.startsWith("/storage/v1/") ? Response.json({ message: "refused" }, { status: 503 }) : undefined,
  );
  const file = makeMarkdown("storage-refused.md", 3);
  const refused = await post(owner, file);
  const left = await listObjects(database, "documents", owner.userId);
  await delay(20_000);
  parts.toSupabase.intercept(null);
  const repeated = await post(owner, file);
  const seconds = await followAll(owner, [...ids, repeated.document?.id ?? ""]);
  reportPromise(task, {
    promise: "Storage that refuses is waited for, and an upload that it refuses leaves nothing behind",
    done: "every call of Storage was refused for 20 seconds while 8 documents were in work and one was uploaded",
    figures: { ready: ids.length + 1, "seconds until all were": seconds },
  });
  expect([refused.status, refused.code]).toEqual([503, "storage_unavailable"]);
  expect(left).toHaveLength(8);
  expect(repeated.status).toBe(202);
});

test("the database refuses connections for 20 seconds", { timeout: 240_000 }, async ({ task }) => {
  const owner = await createOwner(parts.stack);
  const ids = await upload(owner, "database", 8);
  parts.toSupabase.intercept(() => {
    throw new Error("The connection is refused.");
  });
  const file = makeMarkdown("database-away.md", 3);
  const refused = await post(owner, file);
  const list = await owner.call("/api/documents");
  const { code } = (await list.json()) as { code?: string };
  await delay(20_000);
  parts.toSupabase.intercept(null);
  const repeated = await post(owner, file);
  const seconds = await followAll(owner, [...ids, repeated.document?.id ?? ""]);
  reportPromise(task, {
    promise: "A database that is away is waited for, and a request meanwhile says so",
    done: "every connection to Supabase was refused for 20 seconds while 8 documents were in work and one was uploaded",
    figures: { ready: ids.length + 1, "seconds until all were": seconds },
  });
  // A small upload asks Storage first, which is behind the same connection.
  expect([refused.status, refused.code]).toEqual([503, "storage_unavailable"]);
  expect([list.status, code]).toEqual([503, "database_unavailable"]);
  expect(repeated.status).toBe(202);
});

test("the engine is away for 30 seconds", { timeout: 240_000 }, async ({ task }) => {
  const owner = await createOwner(parts.stack);
  const ids = await upload(owner, "engine", 8);
  await parts.engine.kill9();
  const { status: answered, document } = await post(owner, makeMarkdown("engine-away.md", 3));
  const meanwhile = document?.id ?? "";
  const [waiting] = await Promise.all([
    owner.follow(meanwhile, ({ status }) => status === "error", 25_000),
    delay(30_000),
  ]);
  await parts.engine.start();
  const seconds = await followAll(owner, [...ids, meanwhile]);
  reportPromise(task, {
    promise: "An engine that is away is waited for, and uploads are taken meanwhile",
    done: "the engine was killed, and started again after 30 seconds; 8 documents were in work, one was uploaded meanwhile",
    figures: { ready: ids.length + 1, "seconds until all were": seconds },
  });
  expect([answered, waiting.error?.code]).toEqual([202, "dispatch_failed"]);
});

test("a step runs twice at the same time", { timeout: 240_000 }, async ({ task }) => {
  const owner = await createOwner(parts.stack);
  const database = openDatabase(parts.stack);
  const before = await parts.embeddings.stats();
  await parts.embeddings.control([{ match: "double.md", delayMs: 9000 }]);
  const countAtOnce = async () => (await parts.embeddings.stats()).inputsInFlight;
  let cut = 0;
  parts.toApp.intercept(async ({ method, path, body, headers }) => {
    if (cut > 0 || !path.includes("fnId=knowledgebase-ingest-document")) return undefined;
    cut += 1;
    // The app gets the request and works on; once it embeds, the engine sees its connection end.
    fetch(new URL(path, parts.stack.appUrl), { method, body, headers }).catch(() => undefined);
    await waitUntil("Nothing is embedded", 30_000, async () => (await countAtOnce()) > 0);
    throw new Error("The connection is cut.");
  });
  const { id } = await owner.upload(makeMarkdown("double.md", 90));
  let atOnce = 0;
  await waitUntil("No step runs twice", 60_000, async () => {
    atOnce = Math.max(atOnce, await countAtOnce());
    return atOnce > 100;
  });
  const ready = await owner.follow(id, isReady, 170_000);
  await parts.embeddings.control([]);
  parts.toApp.intercept(null);
  const after = await parts.embeddings.stats();
  const { data } = await database.from("chunks").select("ordinal").eq("document_id", id).limit(1000);
  const sent = after.inputs - before.inputs;
  reportPromise(task, {
    promise: "A step that runs twice at the same time has one result",
    done: `the engine's connection was cut while ${cut} request embedded and the app went on, so that it was asked for again`,
    figures: { passages: ready.chunkCount, stored: data?.length ?? 0, "inputs sent": sent, "at once": atOnce },
  });
  expect(data?.map(({ ordinal }) => ordinal).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: ready.chunkCount }, (_, ordinal) => ordinal),
  );
  expect(await countRows(database, "ingestion_jobs", "document_id", id)).toBe(1);
  expect(atOnce).toBeGreaterThan(ready.chunkCount);
  expect(sent).toBeLessThanOrEqual(2 * ready.chunkCount);
});
