import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addOwner, makeChunks, makeVector, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());

const one = async <T>(sql: string, parameters: unknown[]) => {
  const [row] = await schema.query<{ value: T }>(sql, parameters);
  return row?.value;
};

async function takeUp(ownerId: string) {
  const { documentId, jobId } = await register(schema, ownerId);
  const job = await start(schema, documentId, jobId, `run-of-${jobId}`);
  if (!job) throw new Error("The job cannot be taken up.");
  return { documentId, ...job };
}

const storeLast = (job: { jobId: string; attempt: number }, chunks: unknown[]) =>
  one<{ published: boolean; missing: number[] } | null>("select public.store_last_chunks($1, $2, $3, 10, 1) as value", [
    job.jobId,
    job.attempt,
    JSON.stringify(chunks),
  ]);
const plan = (job: { jobId: string; attempt: number }, chunksTotal: number) =>
  one("select public.record_progress($1, $2, $3) as value", [job.jobId, job.attempt, { chunksTotal }]);
const read = (jobId: string) =>
  schema.query("select c.ordinal, c.embedding::text as vector from public.chunks c where c.job_id = $1 order by 1", [
    jobId,
  ]);
const readCache = (documentId: string) =>
  schema.query("select content_hash from public.embedding_cache where document_id = $1 order by 1", [documentId]);
const cancel = (ownerId: string, documentId: string) =>
  schema.query("select public.cancel_job($1, $2)", [ownerId, documentId]);
const prune = (documentId: string) => one("select public.prune_chunks($1, 1000) as value", [documentId]);

async function ingest(ownerId: string, chunks: number) {
  const job = await takeUp(ownerId);
  await plan(job, chunks);
  expect(await storeLast(job, makeChunks(0, chunks, makeVector))).toMatchObject({ published: true });
  return job;
}

/** A job of three passages of which two are stored. */
async function storeTwo(ownerId: string) {
  const job = await takeUp(ownerId);
  await plan(job, 3);
  await schema.query("select public.store_chunks($1, $2, $3, 0, 0)", [
    job.jobId,
    job.attempt,
    JSON.stringify(makeChunks(0, 2, makeVector)),
  ]);
  return job;
}

describe("a vector that was paid for", () => {
  test("is taken from the passage that has it, and stands there once", async () => {
    const owner = await addOwner(schema);
    const first = await ingest(owner, 2);
    const second = await takeUp(owner);
    await plan(second, 2);
    await storeLast(
      second,
      makeChunks(0, 2, () => null),
    );
    expect(await read(second.jobId)).toEqual(await read(first.jobId));
    expect(await readCache(first.documentId)).toEqual([]);
    const job = await schema.query("select chunks_embedded, chunks_reused from public.ingestion_jobs where id = $1", [
      second.jobId,
    ]);
    expect(job).toEqual([{ chunks_embedded: 2, chunks_reused: 2 }]);
  });

  test("is kept when its passage goes, and taken from there", async () => {
    const owner = await addOwner(schema);
    const stopped = await storeTwo(owner);
    const before = await read(stopped.jobId);
    await cancel(owner, stopped.documentId);
    expect(await prune(stopped.documentId)).toBe(2);
    expect(await prune(stopped.documentId)).toBe(0);
    expect(await read(stopped.jobId)).toEqual([]);
    expect(await readCache(stopped.documentId)).toEqual([{ content_hash: "hash-0" }, { content_hash: "hash-1" }]);

    const again = await takeUp(owner);
    await plan(again, 2);
    await storeLast(
      again,
      makeChunks(0, 2, () => null),
    );
    expect(await read(again.jobId)).toEqual(before);
  });

  test("is not kept twice: another passage of its owner has it", async () => {
    const owner = await addOwner(schema);
    await ingest(owner, 1);
    const stopped = await storeTwo(owner);
    await cancel(owner, stopped.documentId);
    await prune(stopped.documentId);
    expect(await readCache(stopped.documentId)).toEqual([{ content_hash: "hash-1" }]);
  });

  test("goes with a document that is deleted", async () => {
    const owner = await addOwner(schema);
    const { documentId } = await ingest(owner, 2);
    await schema.query("update public.documents set deleted_at = now() where id = $1", [documentId]);
    expect(await prune(documentId)).toBe(2);
    expect(await readCache(documentId)).toEqual([]);
  });

  test("is no other owner's, and none of another model", async () => {
    const [owner, other] = [await addOwner(schema), await addOwner(schema)];
    const first = await ingest(owner, 1);
    const cachedFor = async (ownerId: string, model: string) => {
      const job = await takeUp(ownerId);
      const settings = { model, dimensions: 512 };
      await schema.query("update public.ingestion_jobs set settings = $2 where id = $1", [job.jobId, settings]);
      return await one("select cached as value from public.read_missing_chunks($1, $2, '{0}', '{hash-0}')", [
        job.jobId,
        job.attempt,
      ]);
    };
    const [{ model } = { model: "" }] = await schema.query<{ model: string }>(
      "select settings ->> 'model' as model from public.ingestion_jobs where id = $1",
      [first.jobId],
    );
    expect(await cachedFor(owner, model)).toBe(true);
    expect(await cachedFor(other, model)).toBe(false);
    expect(await cachedFor(owner, "another-model")).toBe(false);
  });
});

describe("a document of one batch", () => {
  test("is stored and published by one call, and by no second one", async () => {
    const owner = await addOwner(schema);
    const job = await ingest(owner, 3);
    expect(await one("select active_job_id as value from public.documents where id = $1", [job.documentId])).toBe(
      job.jobId,
    );
    expect(await storeLast(job, makeChunks(0, 3, makeVector))).toBeNull();
  });

  test("is not published while a passage is missing", async () => {
    const job = await takeUp(await addOwner(schema));
    await plan(job, 3);
    expect(await storeLast(job, makeChunks(0, 2, makeVector))).toMatchObject({ published: false, missing: [2] });
    expect(await one("select status as value from public.documents where id = $1", [job.documentId])).toBe(
      "processing",
    );
  });

  test("tells the stages that went by when the next one is entered", async () => {
    const job = await takeUp(await addOwner(schema));
    const progress = { chunksTotal: 1, language: "de", entered: { parse: 2_000, chunk: 500 } };
    const prepared = await one(
      "select public.prepare_batch($1, $2, '{0}', '{hash}', '{5}', 'm', null, null, 0, $3) as value",
      [job.jobId, job.attempt, progress],
    );
    expect(prepared).toMatchObject({ missing: [{ ordinal: 0, cached: false }], turn: { is_taken: true } });
    const [row] = await schema.query<{ stage: string; text_config: string; timings: Record<string, string> }>(
      "select stage, text_config, timings from public.ingestion_jobs where id = $1",
      [job.jobId],
    );
    expect(row).toMatchObject({ stage: "embed", text_config: "german" });
    const at = (stage: string) => Date.parse(row?.timings[stage] ?? "");
    expect([at("embed") - at("parse"), at("embed") - at("chunk")]).toEqual([2_000, 500]);
  });

  test("of a job that is somebody else's by now, nothing is prepared", async () => {
    const job = await takeUp(await addOwner(schema));
    const call = "select public.prepare_batch($1, $2, '{0}', '{hash}', '{5}', 'm', null, null, 0, $3) as value";
    expect(await one(call, [job.jobId, job.attempt + 1, { chunksTotal: 1 }])).toBeNull();
  });
});

test("a run that takes a job up notes that its event was sent", async () => {
  const { documentId, jobId } = await register(schema, await addOwner(schema));
  const eventId = `document.uploaded:${jobId}`;
  const isSent = () => one("select sent_at is not null as value from public.outbox where id = $1", [eventId]);
  expect(await isSent()).toBe(false);
  await schema.query("select * from public.start_job($1, $2, $3, 'run', '{}')", [documentId, jobId, eventId]);
  expect(await isSent()).toBe(true);
});
