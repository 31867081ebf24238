import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type DocumentView, documentListSchema } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { bootControlledStack, type ControlledStack } from "../boot-controlled-stack.ts";
import { forgetPace } from "../database.ts";
import { makeMarkdown } from "../files.ts";
import { createOwner } from "../owner.ts";
import { reportPromise } from "./report-promise.ts";

/** A minute of the provider's takes this long: what is 60 requests a minute there is 60 in 12 seconds here. */
const minuteMs = 12_000;
const requestsPerMinute = 60;
const batchChunks = 3;
const timeoutSeconds = 2;
/** Of a step of the workflow. */
const retries = 4;

let stack: ControlledStack;
let database: Supabase;
let provider: ControlledStack["provider"];

beforeAll(async () => {
  const env = {
    INNGEST_RETRY_INTERVAL: "1",
    EMBEDDING_BATCH_CHUNKS: String(batchChunks),
    EMBEDDING_REQUESTS_PER_MINUTE: String((requestsPerMinute * 60_000) / minuteMs),
    EMBEDDING_TIMEOUT_SECONDS: String(timeoutSeconds),
    OWNER_CONCURRENCY: "8",
  };
  stack = await bootControlledStack(env);
  ({ database, provider } = stack);
});
// What a provider was found to allow is remembered for an hour.
beforeEach(() => forgetPace(database));
afterAll(() => stack?.stop());

async function uploadAll(owner: Api, prefix: string, count: number, sections: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}.md`);
  for (let start = 0; start < count; start += 10) {
    await Promise.all(names.slice(start, start + 10).map((name) => owner.upload(makeMarkdown(name, sections))));
  }
}

async function list(owner: Api): Promise<DocumentView[]> {
  return documentListSchema.parse(await (await owner.call("/api/documents?limit=100")).json()).documents;
}

/** All documents of an owner, once none is in work. */
async function followAll(owner: Api): Promise<DocumentView[]> {
  let documents: DocumentView[] = [];
  await waitUntil("Documents are still in work", 150_000, async () => {
    documents = await list(owner);
    return documents.every(({ status }) => status !== "queued" && status !== "processing");
  });
  return documents;
}

function countStatuses(documents: DocumentView[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, error } of documents) counts[error?.code ?? status] = (counts[error?.code ?? status] ?? 0) + 1;
  return counts;
}

async function measure(owner: Api, upload: () => Promise<void>) {
  const before = await provider.stats();
  const began = performance.now();
  await upload();
  const documents = await followAll(owner);
  const after = await provider.stats();
  return {
    documents,
    statuses: countStatuses(documents),
    requests: after.requests - before.requests,
    refused: after.refused - before.refused,
    inputs: after.inputs - before.inputs,
    seconds: Math.round((performance.now() - began) / 1000),
  };
}

const limits = [
  { name: "without a time", sections: 6, limit: { requests: requestsPerMinute, windowMs: minuteMs, tells: false } },
  {
    name: "with a time, at half the limit that is set",
    sections: 3,
    limit: { requests: requestsPerMinute / 2, windowMs: minuteMs, tells: true },
  },
];

test.for(limits)(
  "50 documents become ready under a limit that refuses $name",
  async ({ name, sections, limit }, { task }) => {
    reportPromise(task, {
      promise: "A provider's limit costs time, no document, and less than 5 % of the requests.",
      done: `50 documents under ${limit.requests} requests a minute (scaled to ${minuteMs / 1000} seconds), refused ${name}.`,
    });
    const owner = await createOwner(stack.json);
    await provider.control([
      { limit, status: 429, body: { error: { message: "Slow down.", code: "rate_limit_exceeded" } } },
    ]);
    const { documents, statuses, ...figures } = await measure(owner, () => uploadAll(owner, "limited", 50, sections));
    await provider.control([]);
    reportPromise(task, { figures });
    expect(statuses).toEqual({ ready: 50 });
    expect(figures.inputs).toBe(documents.reduce((sum, { chunkCount }) => sum + chunkCount, 0));
    expect(figures.requests - figures.refused).toBe(50 * (sections / batchChunks));
    expect(figures.refused / figures.requests).toBeLessThan(0.05);
    // Without the limit they take a fraction of this.
    expect(figures.seconds).toBeGreaterThanOrEqual(
      Math.floor((minuteMs / 1000) * ((50 * sections) / batchChunks / limit.requests - 1)),
    );
  },
);

test("errors, silence, broken connections and answers that drip cost a repeat each, and no more", async ({ task }) => {
  reportPromise(task, {
    promise: "What a provider's fault costs is one more request for the batch that it met.",
    done: "Of the requests for 50 documents each 7th a 500, each 9th without an answer, each 10th cut off, each 3rd dripping.",
  });
  const owner = await createOwner(stack.json);
  await provider.control([
    { every: 7, status: 500 },
    { every: 9, status: 504, delayMs: timeoutSeconds * 1000 + 500 },
    { every: 10, hangUp: true },
    { every: 3, dripMs: 800 },
  ]);
  const { statuses, documents, ...figures } = await measure(owner, () => uploadAll(owner, "faulty", 50, batchChunks));
  await provider.control([]);
  const ready = documents.filter(({ status }) => status === "ready");
  reportPromise(task, { figures: { ...figures, ready: ready.length } });
  // One that met a fault at each of its attempts says so.
  expect(statuses).toEqual({
    ready: ready.length,
    ...(ready.length < 50 && { embedding_unavailable: 50 - ready.length }),
  });
  expect(ready.length).toBeGreaterThanOrEqual(45);
  expect(figures.refused).toBeGreaterThan(0);
  expect(figures.inputs).toBe(ready.reduce((sum, { chunkCount }) => sum + chunkCount, 0));
  expect(figures.requests - figures.refused).toBe(ready.length);
});

test("a batch that always fails is sent once when it is cut and once an attempt of the workflow, and nothing below repeats it", async ({
  task,
}) => {
  reportPromise(task, {
    promise: "Retries are the workflow's alone: they do not multiply.",
    done: "Every request for one document was answered with a 500.",
  });
  const owner = await createOwner(stack.json);
  await provider.control([{ status: 500 }]);
  const { statuses, documents, ...figures } = await measure(owner, () => uploadAll(owner, "hopeless", 1, batchChunks));
  await provider.control([]);
  reportPromise(task, { figures });
  expect(statuses).toEqual({ embedding_unavailable: documents.length });
  expect(figures.requests).toBe(1 + 1 + retries);
});

test("without quota all stop with its code, few ask, operators are told once, and a reprocess mends all", async ({
  task,
}) => {
  reportPromise(task, {
    promise: "An account without quota is asked by those that are under way, not once a batch, and is told of once.",
    done: "50 documents while the provider says insufficient_quota; then quota is added.",
  });
  const owner = await createOwner(stack.json);
  await provider.control([{ status: 429, body: { error: { message: "Pay.", code: "insufficient_quota" } } }]);
  const { statuses, documents, ...figures } = await measure(owner, () => uploadAll(owner, "unpaid", 50, batchChunks));
  await provider.control([]);
  const alerts = (await readFile(join(stack.dataDir, "logs/app.log"), "utf8"))
    .split("\n")
    .filter((line) => line.includes("embedding stopped: no quota is left"));
  reportPromise(task, { figures: { ...figures, alerts: alerts.length } });
  expect(statuses).toEqual({ embedding_quota_exceeded: 50 });
  expect(figures.requests).toBe(figures.refused);
  expect(figures.refused).toBeLessThanOrEqual(16);
  expect(alerts).toHaveLength(1);

  await database.from("embedding_pace").delete().neq("model", "");
  const asked = await owner.call("/api/documents/reprocess", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ status: "error" }),
  });
  expect(asked.status).toBe(202);
  await waitUntil("The reprocess has not begun", 30_000, async () =>
    (await list(owner)).some(({ status }) => status !== "error"),
  );
  await waitUntil("Not all are ready", 90_000, async () =>
    (await list(owner)).every(({ status }) => status === "ready"),
  );
});

test("a passage that the provider refuses is named, and the others are paid for once", async () => {
  const owner = await createOwner(stack.json);
  await provider.control([
    { match: "Paragraph 9 of refused.md:", status: 400, body: { error: { message: "Too odd." } } },
  ]);
  const { id } = await owner.upload(makeMarkdown("refused.md", 12));
  const failed = await owner.follow(id, ({ status }) => status === "error");
  expect(failed.error).toMatchObject({
    code: "embedding_input_rejected",
    message: "The embeddings provider refused passage 10.",
  });
  await provider.control([]);
  await owner.call(`/api/documents/${id}/reprocess`, { method: "POST" });
  const ready = await owner.follow(id, ({ status }) => status === "ready");
  // The batches before it and after it, and of its own what stands before it.
  expect([ready.usage.reusedChunks, ready.usage.inputs]).toEqual([9, 3]);
});
