import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DocumentView } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";
import { bootControlledStack, type ControlledStack } from "./boot-controlled-stack.ts";
import { makeMarkdown } from "./files.ts";
import { createOwner } from "./owner.ts";

/** How long the provider takes for each answer: what is measured is who waits for whom, not who shares a processor with whom. */
const providerMs = 1_000;
const atOnce = 20;

let stack: ControlledStack;
let database: Supabase;
let provider: ControlledStack["provider"];

beforeAll(async () => {
  stack = await bootControlledStack({ EMBEDDING_BATCH_CHUNKS: "4" });
  ({ database, provider } = stack);
});
afterAll(() => stack?.stop());

const isReady = ({ status }: DocumentView) => status === "ready";

async function timeUpload(owner: Api, name: string): Promise<number> {
  const began = performance.now();
  const { id } = await owner.upload(makeMarkdown(name, 1));
  await owner.follow(id, isReady);
  return performance.now() - began;
}

/** Documents of one owner as uploads leave them: object, row, job and event. The ids, in the order of the queue. */
async function queueDocuments(owner: Api, count: number, settings: object): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (let start = 0; start < count; start += atOnce) {
    await Promise.all(
      ids.slice(start, start + atOnce).map((id, index) => queueDocument(owner, id, start + index, settings)),
    );
  }
  const events = unwrap(
    await database.from("outbox").select("id, name, data").is("sent_at", null).order("created_at").limit(1000),
  );
  const response = await fetch(`${stack.json.engineUrl}/e/test`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(events),
  });
  if (!response.ok) throw new Error(await response.text());
  unwrap(await database.from("outbox").update({ sent_at: new Date().toISOString() }).is("sent_at", null));
  return ids;
}

async function queueDocument({ userId }: Api, id: string, index: number, settings: object): Promise<void> {
  const bytes = Buffer.from(`# Note ${index}\n\nA queued note, number ${index} of ${userId}.\n`);
  const storageKey = `${userId}/${id}/source`;
  const { error } = await database.storage
    .from("documents")
    .upload(storageKey, bytes, { contentType: "text/markdown" });
  if (error) throw error;
  const file = { fileName: `note-${index}.md`, title: `Note ${index}`, titleGiven: true, mediaType: "text/markdown" };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const document = { id, ...file, sizeBytes: bytes.length, sha256, storageKey };
  unwrap(
    await database.rpc("register_document", {
      p_owner_id: userId,
      p_document: document,
      p_settings: settings as never,
    }),
  );
}

async function readSettings(owner: Api): Promise<object> {
  const { id } = await owner.upload(makeMarkdown("first.md", 1));
  await owner.follow(id, isReady);
  return unwrap(await database.from("ingestion_jobs").select("settings").eq("document_id", id).single())
    .settings as object;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function timeUploads(owner: Api, kind: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) times.push(await timeUpload(owner, `${kind}-${index}.md`));
  return times;
}

/** Waits until documents of an owner have been worked through, and answers with how long one of them was in work. */
async function timeOneOf(crowd: Api): Promise<number> {
  let times: number[] = [];
  await waitUntil("Of the queue too few are ready", 60_000, async () => {
    const jobs = unwrap(
      await database
        .from("ingestion_jobs")
        .select("started_at, finished_at")
        .eq("owner_id", crowd.userId)
        .eq("status", "ready"),
    );
    times = jobs.map((job) => Date.parse(job.finished_at ?? "") - Date.parse(job.started_at ?? ""));
    return times.length >= 8;
  });
  return median(times.slice(4));
}

test("one page of an owner waits for nobody's queue, and the queue tells how long it is", async () => {
  const [crowd, second, owner] = await Promise.all([1, 2, 3].map(() => createOwner(stack.json)));
  if (!crowd || !second || !owner) throw new Error("There are not three owners.");
  const settings = await readSettings(owner);
  await provider.control([{ delayMs: providerMs }]);
  const idle = await timeUploads(owner, "idle", 5);

  const ids = await queueDocuments(crowd, 1000, settings);
  await timeOneOf(crowd);
  const last = await crowd.read(ids.at(-1) ?? "");
  expect([last.status, last.waitingFor]).toEqual(["queued", "capacity"]);
  expect(last.ahead).toBeGreaterThan(900);
  const busy = await timeUploads(owner, "busy", 5);

  // With two queues every place is taken: then it waits until somebody's document is through.
  await queueDocuments(second, 100, settings);
  const turnMs = await timeOneOf(second);
  const full = await timeUploads(owner, "full", 5);
  const later = await crowd.read(ids.at(-1) ?? "");
  console.info("fairness", { idle, busy, full, turnMs, ahead: [last.ahead, later.ahead] });

  expect(median(busy)).toBeLessThanOrEqual(2 * median(idle));
  expect(median(full)).toBeLessThanOrEqual(2 * median(idle) + turnMs);
  expect(later.status).toBe("queued");
  expect(later.ahead).toBeLessThan(last.ahead ?? 0);
  expect((await owner.upload(makeMarkdown("busy-1.md", 1))).ahead).toBeNull();
});
