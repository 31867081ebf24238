import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Accepted, acceptedSchema } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { createRandom } from "#tests/create-random.ts";
import { openDatabase } from "../database.ts";
import { fixtureFile, makeMarkdown } from "../files.ts";
import { createOwner } from "../owner.ts";
import { reportPromise } from "./report-promise.ts";
import { type Parts, startParts } from "./start-parts.ts";

const documentCount = 200;
const killCount = 20;
const ownerCount = 5;
const latencyMs = 1000;
/** How long an answer of the provider may be on its way into the database, in milliseconds. */
const storingMs = 2000;
const seed = Number(process.env.CHAOS_SEED ?? randomInt(1_000_000));

let parts: Parts;
beforeAll(async () => {
  const env = {
    EMBEDDING_BATCH_CHUNKS: "64",
    JOB_LEASE_SECONDS: "15",
    // So few at once that there is work left at each kill.
    EMBEDDING_CONCURRENCY: "8",
    OWNER_CONCURRENCY: "4",
  };
  parts = await startParts({ embeddingsLatencyMs: latencyMs, retryInterval: 2, env });
});
afterAll(() => parts?.stop());

test("200 documents survive twenty crashes of app, engine and database", { timeout: 600_000 }, async ({ task }) => {
  const random = createRandom(seed);
  const owners = await Promise.all(Array.from({ length: ownerCount }, () => createOwner(parts.stack)));
  const files = makeFiles(random);
  const ids: string[] = [];
  const uploads = uploadAll(owners, files, ids);
  await waitUntil("Nothing is in work", 60_000, async () => (await parts.embeddings.stats()).inputsInFlight > 0);

  const sampler = startSampler();
  const inFlight: number[] = [];
  const killed = { app: 0, engine: 0, database: 0 };
  for (let kill = 0; kill < killCount; kill += 1) {
    await waitForWork();
    await delay(random() * 1500);
    const name = (["app", "engine", "database"] as const)[kill % 3] ?? "app";
    const before = await parts.embeddings.stats();
    inFlight.push(before.inputsInFlight + before.inputs - sampler.inputsAt(Date.now() - storingMs));
    await parts[name].kill9();
    killed[name] += 1;
    await parts[name].start();
  }
  await uploads;
  sampler.stop();

  const database = openDatabase(parts.stack);
  await waitUntil("Not every document is ready", 300_000, async () => {
    const { data } = await database.from("documents").select("status").neq("status", "ready");
    return data?.length === 0;
  }).catch(() => undefined);
  const documents = await readDocuments();
  const stats = await parts.embeddings.stats();
  const ready = documents.filter(({ status }) => status === "ready");
  const doubled = documents.filter(({ ordinals }) => new Set(ordinals).size !== ordinals.length);
  const incomplete = documents.filter(({ ordinals, planned }) => ordinals.length !== planned);
  const atKills = inFlight.reduce((sum, inputs) => sum + inputs, 0);
  const repeated = stats.inputs - stats.distinctInputs;
  reportPromise(task, {
    promise: "Whatever is killed at whatever time, every document becomes ready, once",
    done: `${killCount} times kill -9 of app, engine and database in turn at random while ${documentCount} documents were in work`,
    figures: {
      ready: ready.length,
      lost: documentCount - new Set(ids).size,
      stuck: documents.length - ready.length,
      doubled: doubled.length,
      passages: documents.reduce((sum, { ordinals }) => sum + ordinals.length, 0),
      "distinct inputs": stats.distinctInputs,
      "sent again": repeated,
      "in flight at the kills": atKills,
      "kills with inputs in flight": inFlight.filter((inputs) => inputs > 0).length,
      seed,
    },
  });
  expect(killed).toEqual({ app: 7, engine: 7, database: 6 });
  expect(new Set(ids).size).toBe(documentCount);
  expect(documents).toHaveLength(documentCount);
  expect(documents.filter(({ status }) => status !== "ready")).toEqual([]);
  expect([doubled, incomplete]).toEqual([[], []]);
  expect(documents.filter(({ jobs }) => jobs !== 1)).toEqual([]);
  expect(repeated).toBeLessThanOrEqual(atKills);
});

/** Until something is paid for again after the crash before: a kill while nothing moves would show little. */
async function waitForWork(): Promise<void> {
  const { inputs } = await parts.embeddings.stats();
  const resumed = async () => {
    const now = await parts.embeddings.stats();
    return now.inputs > inputs || now.inputsInFlight > 0;
  };
  await waitUntil("Nothing moves", 20_000, resumed);
}

/** As a client does: what gets no answer is sent again. The same bytes again are the same document. */
async function uploadAll(owners: Api[], files: File[], ids: string[]): Promise<void> {
  const waiting = [...files.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, file] = next;
      const owner = owners[index % owners.length];
      if (owner) ids.push(await uploadUntilTaken(owner, file));
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(work));
}

async function uploadUntilTaken(owner: Api, file: File): Promise<string> {
  let accepted: Accepted | undefined;
  await waitUntil(`${file.name} is not taken`, 120_000, async () => {
    const body = new FormData();
    body.set("file", file);
    const response = await owner.call("/api/documents", { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
    accepted = acceptedSchema.parse(await response.json());
    return true;
  });
  return accepted?.document.id ?? "";
}

/** Most documents are small, a few are large, as people's are: 1 to 300 passages, and the samples. */
function makeFiles(random: () => number): File[] {
  const samples = ["employee-handbook.pdf", "support-runbook.md", "all-hands-notes.txt"];
  const fixtures = samples.map((name) => fixtureFile(`samples/${name}`));
  const made = Array.from({ length: documentCount - fixtures.length }, (_, index) => {
    const sections = index === 0 ? 300 : Math.ceil(60 * random() ** 6) + 1;
    return makeMarkdown(`document-${index}.md`, sections);
  });
  return [...made.slice(0, 20), ...fixtures, ...made.slice(20)];
}

/** Remembers how many inputs had been answered at which time. */
function startSampler() {
  const samples: { at: number; inputs: number }[] = [];
  const timer = setInterval(async () => {
    const { inputs } = await parts.embeddings.stats();
    samples.push({ at: Date.now(), inputs });
  }, 200);
  return {
    inputsAt: (at: number) => samples.findLast((sample) => sample.at <= at)?.inputs ?? 0,
    stop: () => clearInterval(timer),
  };
}

async function readDocuments() {
  const database = openDatabase(parts.stack);
  const { data: rows, error } = await database.from("documents").select("id, status, error, active_job_id").limit(1000);
  if (error) throw new Error(error.message);
  return await Promise.all(
    rows.map(async (row) => {
      const [jobs, chunks] = await Promise.all([
        database.from("ingestion_jobs").select("id, chunks_total").eq("document_id", row.id),
        database.from("chunks").select("ordinal").eq("document_id", row.id).limit(1000),
      ]);
      const active = jobs.data?.find(({ id }) => id === row.active_job_id);
      return {
        status: row.status,
        error: row.error,
        jobs: jobs.data?.length,
        planned: active?.chunks_total,
        ordinals: chunks.data?.map(({ ordinal }) => ordinal) ?? [],
      };
    }),
  );
}
