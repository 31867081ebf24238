import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DocumentView, eventListSchema } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { bootControlledStack, type ControlledStack } from "../boot-controlled-stack.ts";
import { countRows } from "../database.ts";
import { makeMarkdown } from "../files.ts";
import { createOwner } from "../owner.ts";
import { pollSearch, sortAnswers } from "./poll-search.ts";
import { compareVectors, readJobs, readPassages } from "./read-index.ts";
import { reportPromise } from "./report-promise.ts";
import { wrongAnswers } from "./wrong-answers.ts";

const batchChunks = 50;
let stack: ControlledStack;
let database: Supabase;
let provider: ControlledStack["provider"];

beforeAll(async () => {
  const env = {
    INNGEST_RETRY_INTERVAL: "1",
    EMBEDDING_BATCH_CHUNKS: String(batchChunks),
    OWNER_CONCURRENCY: "8",
  };
  stack = await bootControlledStack(env);
  ({ database, provider } = stack);
});
afterAll(() => stack?.stop());

const isReady = ({ status }: DocumentView) => status === "ready";
const isEnded = ({ status }: DocumentView) => status === "ready" || status === "error";

/** How often each passage of a document was sent to the provider, by its ordinal. */
async function readSends(documentId: string): Promise<number[]> {
  const [{ timesSent }, passages] = await Promise.all([provider.stats(), readPassages(database, documentId)]);
  return passages.map(({ content_hash: hash }) => timesSent[hash] ?? 0);
}

async function send(event: { id: string; name: string; data: object }): Promise<void> {
  const response = await fetch(`${stack.json.engineUrl}/e/test`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(event),
  });
  if (!response.ok) throw new Error(await response.text());
}

describe("a batch of a long document", () => {
  const failures: [string, object, number][] = [
    ["is refused", { status: 503 }, 1],
    ["comes back with a vector too few", { spoil: "drop-one" }, 4],
  ];
  test.for(failures)("that %s three times is sent again alone", async ([how, fault, sendsOfFailed], { task }) => {
    reportPromise(task, {
      promise: "A failed batch is sent again alone; no other passage is paid twice.",
      done: `One batch of a document of 500 passages ${how} three times.`,
    });
    const owner = await createOwner(stack.json);
    const name = `${how.replaceAll(" ", "-")}.md`;
    await provider.control([{ ...fault, times: 3, match: `Paragraph 420 of ${name}:` }]);
    const before = await provider.stats();
    const { id } = await owner.upload(makeMarkdown(name, 500));
    const ready = await owner.follow(id, isReady);
    const after = await provider.stats();

    const passages = await readPassages(database, id);
    expect(passages.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: ready.chunkCount }, (_, at) => at));
    expect(passages.length).toBeGreaterThanOrEqual(500);
    const failed = passages.findIndex(({ content }) => content.includes(`Paragraph 420 of ${name}:`));
    const sends = await readSends(id);
    const batches = Array.from({ length: Math.ceil(sends.length / batchChunks) }, (_, batch) => [
      ...new Set(sends.slice(batch * batchChunks, (batch + 1) * batchChunks)),
    ]);
    const failedBatch = Math.floor(failed / batchChunks);
    expect(batches).toEqual(batches.map((_, batch) => [batch === failedBatch ? sendsOfFailed : 1]));
    reportPromise(task, {
      figures: {
        passages: passages.length,
        batches: batches.length,
        requests: after.requests - before.requests,
        inputsPaid: after.inputs - before.inputs,
      },
    });
    expect(after.requests - before.requests).toBe(batches.length + 3);
  });
});

describe("an answer that cannot be right", () => {
  const fileOf = (name: string) => makeMarkdown(`${name.replaceAll(" ", "-")}.md`, 8);
  const faults = wrongAnswers.map(({ name, fault }) => ({ ...fault, match: `Paragraph 5 of ${fileOf(name).name}:` }));

  test("is never made ready, and the document says why; once the provider is well, it is", async ({ task }) => {
    reportPromise(task, {
      promise: "A document is never ready with vectors that cannot be right. It says why, and a reprocess mends it.",
      done: `The provider answered so: ${wrongAnswers.map(({ name }) => name).join(", ")}.`,
    });
    const owner = await createOwner(stack.json);
    await provider.control(faults);
    const uploaded = await Promise.all(wrongAnswers.map(({ name }) => owner.upload(fileOf(name))));
    const ended = await Promise.all(uploaded.map(({ id }) => owner.follow(id, isEnded)));
    const seen = ended.map(({ status, error, chunkCount }) => [status, error?.code, error?.stage, chunkCount]);
    reportPromise(task, { figures: { documents: ended.length, ready: ended.filter(isReady).length } });
    expect(seen).toEqual(wrongAnswers.map(({ code }) => ["error", code, "embed", 0]));
    for (const { error } of ended) expect([error?.message, error?.action].join(" ")).toMatch(/^\S.+\. \S.+\.$/);
    expect(await owner.search("harbour tide lantern")).toEqual([]);
    for (const { id } of ended) {
      const { events } = eventListSchema.parse(await (await owner.call(`/api/documents/${id}/events`)).json());
      expect(events.map(({ code }) => code)).not.toContain("published");
    }

    await provider.control([]);
    for (const { id } of ended) {
      expect((await owner.call(`/api/documents/${id}/reprocess`, { method: "POST" })).status).toBe(202);
    }
    const mended = await Promise.all(ended.map(({ id }) => owner.follow(id, isReady)));
    for (const { id, error, chunkCount } of mended) {
      expect([error, chunkCount]).toEqual([null, 8]);
      for (const { own } of await compareVectors(database, id, stack.json.embeddingsUrl)) {
        expect(own).toBeGreaterThan(0.999999);
      }
    }
  });

  test("vectors that come in another order end at their own passages", async ({ task }) => {
    reportPromise(task, {
      promise: "Vectors belong to their own passages.",
      done: "The provider sent its vectors in another order than the inputs.",
    });
    const owner = await createOwner(stack.json);
    await provider.control([{ spoil: "swap-order" }]);
    const { id } = await owner.upload(makeMarkdown("swapped.md", 8));
    const { chunkCount } = await owner.follow(id, isReady);
    await provider.control([]);
    const likeness = await compareVectors(database, id, stack.json.embeddingsUrl);
    reportPromise(task, {
      figures: {
        passages: chunkCount,
        leastLikeOwn: Math.min(...likeness.map(({ own }) => own)),
        mostLikeOther: Math.max(...likeness.map(({ other }) => other)),
      },
    });
    expect(likeness).toHaveLength(chunkCount);
    for (const { own, other } of likeness) {
      expect(own).toBeGreaterThan(0.999999);
      // Otherwise a vector at the wrong passage would not show.
      expect(other).toBeLessThan(0.9999);
    }
  });
});

describe("search during a reprocess", () => {
  /** Queues the document again, cut otherwise than before, so that the new index has no passage in common with the old one. */
  async function reprocessCutTo(owner: Api, documentId: string, chunkTokens: number): Promise<void> {
    const [job] = await readJobs(database, documentId);
    const settings = { ...(job?.settings as object), chunkTokens, chunkOverlapTokens: 0 };
    const asked = { p_owner_id: owner.userId, p_document_id: documentId, p_settings: settings };
    const { data: jobs, error } = await database.rpc("request_reprocess", asked);
    if (error) throw new Error(error.message);
    const jobId = jobs[0] ?? "";
    const name = "document.reprocess.requested";
    await send({ id: `${name}:${jobId}`, name, data: { documentId, jobId, ownerId: owner.userId } });
  }
  const waitForJob = (documentId: string, index: number, status: string) =>
    waitUntil(
      `Job ${index} is not ${status}`,
      90_000,
      async () => (await readJobs(database, documentId))[index]?.status === status,
    );

  test("sees a whole index, old or new, while one reprocess fails and the next one succeeds", async ({ task }) => {
    reportPromise(task, {
      promise: "Search sees a whole index, the old or the new one, and never nothing.",
      done: "Asked up to 50 times a second through a reprocess that failed half done, and one that succeeded.",
    });
    const owner = await createOwner(stack.json);
    const { id } = await owner.upload(makeMarkdown("polled.md", 40));
    await owner.follow(id, isReady);
    const old = new Set((await readPassages(database, id)).map((passage) => passage.id));

    const poll = pollSearch(owner, "Paragraph of polled.md: harbour tide lantern", 50);
    // The last batch fails: by then the others of the new index are stored.
    await provider.control([{ status: 400, match: "polled.md section 39" }]);
    await reprocessCutTo(owner, id, 64);
    await waitForJob(id, 1, "error");
    const failed = await owner.read(id);
    expect([failed.status, failed.error?.code]).toEqual(["ready", "embedding_input_rejected"]);
    const stored = await readPassages(database, id);
    expect(stored.filter((passage) => !old.has(passage.id)).length).toBeGreaterThan(0);

    await provider.control([]);
    await reprocessCutTo(owner, id, 64);
    await waitForJob(id, 2, "ready");
    const switchedBy = performance.now();
    const jobs = await readJobs(database, id);
    const published = (await readPassages(database, id)).filter(({ job_id: jobId }) => jobId === jobs[2]?.id);
    const fresh = new Set(published.map((passage) => passage.id));
    await waitUntil("Too few answers came after the switch", 60_000, async () => {
      return poll.answers.filter(({ askedAt }) => askedAt > switchedBy).length >= 25;
    });
    const perSecond = await poll.stop();
    const { answers } = poll;

    const kinds = sortAnswers(answers, old, fresh);
    const count = (kind: string) => kinds.filter((other) => other === kind).length;
    reportPromise(task, {
      figures: { old: count("old"), new: count("new"), answers: kinds.length, perSecond: Math.round(perSecond) },
    });
    expect(new Set(kinds)).toEqual(new Set(["old", "new"]));
    const firstNew = Math.min(...answers.filter((_, at) => kinds[at] === "new").map(({ answeredAt }) => answeredAt));
    const lateOld = answers.filter(({ askedAt }, at) => kinds[at] === "old" && askedAt > firstNew);
    expect(lateOld).toEqual([]);
  });
});

describe("an event that is delivered again and again", () => {
  const deliveries = 5;

  /** Uploads a document, and delivers its event five times at once while it is being embedded and five times in a row after that. */
  async function deliver(name: string, idOf: (eventId: string, delivery: string) => string) {
    const owner = await createOwner(stack.json);
    await provider.control([{ delayMs: 1500, match: name }]);
    const { id } = await owner.upload(makeMarkdown(name, 120));
    const [job] = await readJobs(database, id);
    const data = { documentId: id, jobId: job?.id ?? "", ownerId: owner.userId };
    const again = (delivery: string) =>
      send({ id: idOf(`document.uploaded:${data.jobId}`, delivery), name: "document.uploaded", data });
    const numbers = Array.from({ length: deliveries }, (_, index) => index);
    await Promise.all(numbers.map((index) => again(`at once ${index}`)));
    for (const index of numbers) await again(`in a row ${index}`);
    const { chunkCount } = await owner.follow(id, isReady);
    for (const index of numbers) await again(`afterwards ${index}`);
    await waitUntil("A run is still under way", 60_000, async () => {
      const runs = (await (await fetch(`${stack.json.engineUrl}/api/v2/runs?status=RUNNING&status=QUEUED`)).json()) as {
        data: unknown[];
      };
      return runs.data.length === 0;
    });
    await provider.control([]);
    return { id, chunkCount };
  }

  const ways: [string, (eventId: string, delivery: string) => string][] = [
    ["the same id", (eventId) => eventId],
    ["other ids for the same job", (eventId, delivery) => `${eventId}:${delivery}`],
  ];
  test.for(ways)(
    "with %s makes one job and one set of passages, and nothing is paid twice",
    async ([way, idOf], { task }) => {
      reportPromise(task, {
        promise: "An event that comes again makes one job, one set of passages, and no passage is paid twice.",
        done: `Delivered ${3 * deliveries + 1} times with ${way}: at once, in a row, and when the document was ready.`,
      });
      const { id, chunkCount } = await deliver(`${way.replaceAll(" ", "-")}.md`, idOf);
      expect(await readJobs(database, id)).toMatchObject([{ status: "ready", attempt: 1 }]);
      const passages = await readPassages(database, id);
      expect(passages.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: chunkCount }, (_, at) => at));
      const sends = await readSends(id);
      reportPromise(task, {
        figures: {
          jobs: (await readJobs(database, id)).length,
          passages: passages.length,
          mostSends: Math.max(...sends),
        },
      });
      expect(new Set(sends)).toEqual(new Set([1]));
    },
  );

  test("and asks for a reprocess without naming a job makes one further job", async ({ task }) => {
    reportPromise(task, {
      promise: "A request by event that comes again is one request.",
      done: `A reprocess asked for by one event, delivered ${2 * deliveries} times, that names no job.`,
    });
    const owner = await createOwner(stack.json);
    const { id } = await owner.upload(makeMarkdown("asked-by-event.md", 5));
    await owner.follow(id, isReady);
    const event = { id: crypto.randomUUID(), name: "document.reprocess.requested", data: { documentId: id } };
    await Promise.all(Array.from({ length: deliveries }, () => send(event)));
    await waitUntil(
      "There is no second job",
      60_000,
      async () => (await readJobs(database, id))[1]?.status === "ready",
    );
    for (let time = 0; time < deliveries; time += 1) await send(event);
    const jobs = await countRows(database, "ingestion_jobs", "document_id", id);
    reportPromise(task, { figures: { jobs } });
    expect(jobs).toBe(2);
    expect(new Set(await readSends(id))).toEqual(new Set([1]));
  });
});
