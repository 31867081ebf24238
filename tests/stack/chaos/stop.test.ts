import { mkdirSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { countRows, listObjects } from "../database.ts";
import { fixtureFile, makeMarkdown } from "../files.ts";
import { createOwner } from "../owner.ts";
import { bootGatedStack, type GatedStack } from "./boot-gated-stack.ts";
import type { Stop } from "./gate.ts";
import { reportPromise } from "./report-promise.ts";
import { pointsAfterWork, pointsInWork, type StopPoint, stopAt } from "./stop-points.ts";

const quietMs = 1500;
let stack: GatedStack;

beforeAll(async () => {
  stack = await bootGatedStack({
    INNGEST_RETRY_INTERVAL: "1",
    // One batch of an owner after the other, and room for every document that is held.
    EMBEDDING_BATCH_CHUNKS: "8",
    OWNER_CONCURRENCY: "1",
    EMBEDDING_CONCURRENCY: "100",
  });
});
afterAll(() => stack?.stop());

interface Uploaded {
  owner: Api;
  id: string;
}

interface Stopped extends Uploaded {
  name: string;
  deed: "cancel" | "delete";
  marker: string;
  stop: Stop;
}

function findPoint(name: string): StopPoint {
  const place = pointsInWork.find((candidate) => candidate.name === name);
  if (!place) throw new Error(`There is no point "${name}".`);
  return place;
}

/** Uploads a document of a new owner, and answers when its worker stands at the point. */
async function stopDocument(place: StopPoint, deed: Stopped["deed"]): Promise<Stopped> {
  const owner = await createOwner(stack.json);
  const marker = `${deed}-${crypto.randomUUID()}`;
  const stop = stopAt(stack, place, owner.userId, marker);
  const { id } = await owner.upload(place.file(marker));
  await stop.reached;
  return { name: `${deed} ${place.name}`, deed, marker, owner, id, stop };
}

const cancel = ({ owner, id }: Uploaded) => owner.call(`/api/documents/${id}/cancel`, { method: "POST" });
const remove = ({ owner, id }: Uploaded) => owner.call(`/api/documents/${id}`, { method: "DELETE" });

/** Nobody works any more: no call has gone to the database, to Storage or to the provider for a while. */
async function waitForQuiet(): Promise<void> {
  await waitUntil("Somebody is still at work", 60_000, async () => {
    return stack.supabase.isQuiet(quietMs) && stack.provider.isQuiet(quietMs);
  });
}

async function readLeftOvers({ owner, id }: Uploaded) {
  const { database } = stack;
  const count = (table: Parameters<typeof countRows>[1]) =>
    countRows(database, table, table === "documents" ? "id" : "document_id", id);
  return {
    documents: await count("documents"),
    jobs: await count("ingestion_jobs"),
    events: await count("ingestion_events"),
    chunks: await count("chunks"),
    cached: await count("embedding_cache"),
    originals: (await listObjects(database, "documents", owner.userId)).length,
    artifacts: (await listObjects(database, "ingestion", owner.userId)).map((path) => path.split("/").at(-1)),
  };
}

const nothing = { documents: 0, jobs: 0, events: 0, chunks: 0, cached: 0, originals: 0, artifacts: [] };
/** What was paid for is kept: it is of use when the document is uploaded again. */
const onlyTheOriginal = { documents: 1, originals: 1, chunks: 0, artifacts: [] };

const countRequests = (marker: string) => stack.provider.passed.filter(({ body }) => body.includes(marker)).length;

function describeTimes(times: number[]): Record<string, number> {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round);
  return { medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0, slowestMs: sorted.at(-1) ?? 0 };
}

function makeCopy(ageMs: number): string {
  const name = crypto.randomUUID();
  const path = join(stack.copiesDir, name);
  mkdirSync(path);
  const at = new Date(Date.now() - ageMs);
  utimesSync(path, at, at);
  return name;
}

test("cancel and delete stop the work at every point", async ({ task }) => {
  reportPromise(task, {
    promise: "Cancel and delete are acknowledged within a second, stop the payments and leave nothing behind.",
    done: `Each done at ${pointsInWork.length} points between and inside all stages, the worker let go on afterwards.`,
  });
  makeCopy(2 * 3_600_000);
  const ofAnother = makeCopy(0);
  const cases = pointsInWork.flatMap((place) => (["cancel", "delete"] as const).map((deed) => ({ place, deed })));
  // A busy parser would keep the others from their points.
  const [parsing = [], others = []] = [true, false].map((parses) =>
    cases.filter(({ place }) => place.parses === parses),
  );
  const stopped = await Promise.all(others.map(({ place, deed }) => stopDocument(place, deed)));
  stopped.push(...(await Promise.all(parsing.map(({ place, deed }) => stopDocument(place, deed)))));

  const times: number[] = [];
  const paidBefore: number[] = [];
  for (const each of stopped) {
    const askedAt = performance.now();
    const response = await (each.deed === "cancel" ? cancel(each) : remove(each));
    times.push(performance.now() - askedAt);
    paidBefore.push(countRequests(each.marker));
    expect([each.name, response.status]).toEqual([each.name, 202]);
    if (each.deed === "delete") expect((await each.owner.call(`/api/documents/${each.id}`)).status).toBe(404);
    else expect([each.name, (await each.owner.read(each.id)).status]).toEqual([each.name, "cancelled"]);
  }
  for (const { stop } of stopped) stop.open();
  await waitForQuiet();

  const paidAfter = stopped.map(({ marker }, index) => countRequests(marker) - (paidBefore[index] ?? 0));
  const left = await Promise.all(stopped.map(readLeftOvers));
  reportPromise(task, {
    figures: {
      documents: stopped.length,
      ...describeTimes(times),
      batchesPaidAfter: Math.max(...paidAfter),
      objectsLeft: left.flatMap(({ artifacts }) => artifacts).length,
    },
  });
  const inFlight = (name: string) => (name.endsWith("at the provider") ? 1 : 0);
  expect(stopped.map(({ name }, index) => [name, paidAfter[index]])).toEqual(
    stopped.map(({ name }) => [name, inFlight(name)]),
  );
  expect(stopped.map(({ name }, index) => [name, left[index]])).toMatchObject(
    stopped.map(({ name, deed }) => [name, deed === "delete" ? nothing : onlyTheOriginal]),
  );
  expect(readdirSync(stack.copiesDir)).toEqual([ofAnother]);
  for (const { owner, id } of stopped.filter(({ deed }) => deed === "cancel")) {
    expect(await owner.read(id)).toMatchObject({ status: "cancelled", error: null, chunkCount: 0 });
  }
  expect(describeTimes(times).medianMs).toBeLessThan(1000);
});

test("a cancelled reprocess leaves the served index as it was, and nothing of its own", async ({ task }) => {
  reportPromise(task, {
    promise: "A cancelled reprocess takes nothing away.",
    done: "A reprocess cancelled when a batch of its index was stored.",
  });
  const owner = await createOwner(stack.json);
  const { id } = await owner.upload(makeMarkdown("served.md", 20));
  const served = await owner.follow(id, ({ status }) => status === "ready");
  const before = await readLeftOvers({ owner, id });
  const found = await owner.search("Paragraph 7 of served.md");

  const stop = stopAt(stack, findPoint("in embed, vectors stored"), owner.userId, "served.md");
  expect((await owner.call(`/api/documents/${id}/reprocess`, { method: "POST" })).status).toBe(202);
  await stop.reached;
  expect(await countRows(stack.database, "chunks", "document_id", id)).toBeGreaterThan(served.chunkCount);
  expect((await cancel({ owner, id })).status).toBe(202);
  stop.open();
  await waitForQuiet();
  expect(await owner.read(id)).toMatchObject({ status: "ready", error: null, chunkCount: served.chunkCount });
  const { chunks, artifacts } = await readLeftOvers({ owner, id });
  reportPromise(task, { figures: { passagesServed: served.chunkCount, passagesStored: chunks } });
  expect({ chunks, artifacts }).toEqual({ chunks: before.chunks, artifacts: before.artifacts });
  expect(await owner.search("Paragraph 7 of served.md")).toEqual(found);
});

test("a document that was deleted comes back by no late step, no repeated run and no repeated event", async ({
  task,
}) => {
  reportPromise(task, {
    promise: "A deleted document never comes back.",
    done: "Deleted while its run had only its last steps to do; then the run repeated and its event sent again.",
    figures: { documents: pointsAfterWork.length },
  });
  for (const place of pointsAfterWork) {
    const stopped = await stopDocument(place, "delete");
    const { data } = await stack.database.from("ingestion_jobs").select("id, run_id").eq("document_id", stopped.id);
    const [job] = data ?? [];
    expect((await remove(stopped)).status).toBe(202);
    stopped.stop.open();
    await waitForQuiet();
    expect([place.name, await readLeftOvers(stopped)]).toEqual([place.name, nothing]);

    const engine = (path: string, body: object) =>
      fetch(`${stack.json.engineUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const event = { documentId: stopped.id, jobId: job?.id, ownerId: stopped.owner.userId };
    const passed = stack.supabase.passed.length;
    expect((await engine(`/api/v2/runs/${job?.run_id}/rerun`, {})).ok).toBe(true);
    expect((await engine("/e/test", { name: "document.uploaded", data: event })).ok).toBe(true);
    const starts = () =>
      stack.supabase.passed.slice(passed).filter(({ path }) => path === "/rest/v1/rpc/start_job").length;
    await waitUntil("The runs have not begun", 30_000, async () => starts() === 2);
    await waitForQuiet();
    expect([place.name, await readLeftOvers(stopped)]).toEqual([place.name, nothing]);
    expect(await stopped.owner.search(stopped.marker)).toEqual([]);
  }
});

test("a stuck document and failed ones can be deleted", async ({ task }) => {
  reportPromise(task, {
    promise: "Delete works in every state.",
    done: "A document whose run was lost, one that failed at its parser and one that failed with a batch stored.",
  });
  const stuck = await stopDocument(findPoint("in embed, vectors not stored yet"), "delete");
  const job = stack.database.from("ingestion_jobs");
  const { data } = await job.select("run_id").eq("document_id", stuck.id).single();
  expect((await fetch(`${stack.json.engineUrl}/v1/runs/${data?.run_id}`, { method: "DELETE" })).ok).toBe(true);
  await stuck.owner.follow(stuck.id, ({ stage }) => stage === "embed");
  await job.update({ heartbeat_at: new Date(Date.now() - 3_600_000).toISOString() }).eq("document_id", stuck.id);
  expect(await stuck.owner.read(stuck.id)).toMatchObject({ status: "processing" });

  const owner = await createOwner(stack.json);
  const unreadable = await owner.upload(fixtureFile("refused/truncated.pdf"));
  await stack.control([{ status: 400, match: "Paragraph 19 of refused.md" }]);
  const refused = await owner.upload(makeMarkdown("refused.md", 20));
  for (const { id } of [unreadable, refused]) await owner.follow(id, ({ status }) => status === "error");
  await stack.control([]);
  expect(await countRows(stack.database, "chunks", "document_id", refused.id)).toBeGreaterThan(0);

  const documents = [stuck, ...[unreadable, refused].map(({ id }) => ({ owner, id }))];
  for (const document of documents) expect((await remove(document)).status).toBe(202);
  stuck.stop.open();
  await waitForQuiet();
  reportPromise(task, { figures: { documents: documents.length } });
  for (const document of documents) expect(await readLeftOvers(document)).toEqual(nothing);
});
