import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  addOwner,
  makeChunks,
  makeVector,
  openSchema,
  randomHash,
  register,
  type Schema,
  start,
} from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());

const one = async <T>(sql: string, parameters: unknown[]) => {
  const [row] = await schema.query<{ value: T }>(sql, parameters);
  return row?.value;
};
const statusOf = (documentId: string) =>
  one("select status as value from public.documents where id = $1", [documentId]);
const plan = (jobId: string, attempt: number, chunksTotal: number) =>
  one<boolean>("select public.record_progress($1, $2, $3) as value", [jobId, attempt, { chunksTotal }]);
const store = (jobId: string, attempt: number, chunks: unknown[]) =>
  one<boolean>("select public.store_chunks($1, $2, $3, 10, 1) as value", [jobId, attempt, JSON.stringify(chunks)]);
const publish = (jobId: string, attempt: number) =>
  one<{ published: boolean; missing: number[] } | null>("select public.publish_job($1, $2) as value", [jobId, attempt]);

async function ingest(ownerId: string, chunks = 3) {
  const registered = await register(schema, ownerId);
  const job = await start(schema, registered.documentId, registered.jobId, "run-1");
  if (!job) throw new Error("The job cannot be taken up.");
  await plan(job.jobId, job.attempt, chunks);
  await store(job.jobId, job.attempt, makeChunks(0, chunks, makeVector));
  await publish(job.jobId, job.attempt);
  return { ...registered, attempt: job.attempt };
}

describe("registering", () => {
  test("row, job, event and timeline are one transaction, and the event's id follows from the job", async () => {
    const { documentId, jobId } = await register(schema, await addOwner(schema));
    const outbox = await schema.query(
      "select id, name, data ->> 'jobId' as job_id from public.outbox where data ->> 'documentId' = $1",
      [documentId],
    );
    expect(outbox).toEqual([{ id: `document.uploaded:${jobId}`, name: "document.uploaded", job_id: jobId }]);
  });

  test("two owners with the same bytes have two documents", async () => {
    const sha256 = randomHash();
    const first = await register(schema, await addOwner(schema), sha256);
    const second = await register(schema, await addOwner(schema), sha256);
    expect(second).toMatchObject({ duplicate: false });
    expect(second.documentId).not.toBe(first.documentId);
  });

  test("the same bytes after a failure start a new job of the same document", async () => {
    const owner = await addOwner(schema);
    const sha256 = randomHash();
    const first = await register(schema, owner, sha256);
    await start(schema, first.documentId, first.jobId, "run-1");
    await one("select public.fail_job($1, 'run-1', $2) as value", [first.jobId, { code: "internal", message: "m" }]);
    const again = await register(schema, owner, sha256);
    expect(again).toMatchObject({ documentId: first.documentId, duplicate: true });
    expect(again.jobId).not.toBe(first.jobId);
    expect(await statusOf(first.documentId)).toBe("queued");
  });
});

describe("the fence", () => {
  test("a worker's job is found by its key, also by a plan that was made when there were no documents", async () => {
    const fresh = await openSchema();
    const reads = async () => {
      await fresh.query("select pg_stat_force_next_flush()");
      const [row] = await fresh.query<{ value: number }>(
        `select sum(idx_tup_read)::integer as value from pg_stat_user_indexes
         where relname in ('documents', 'ingestion_jobs')`,
      );
      return row?.value ?? Number.NaN;
    };
    try {
      const owner = await addOwner(fresh);
      const { documentId, jobId } = await register(fresh, owner);
      await start(fresh, documentId, jobId, "run-1");
      const lock = () => fresh.query("select id from public.lock_live_job($1, 1)", [jobId]);
      expect(await lock()).toHaveLength(1);
      for (let count = 0; count < 200; count += 1) await register(fresh, owner);
      const before = await reads();
      expect(await lock()).toHaveLength(1);
      expect((await reads()) - before).toBeLessThan(20);
    } finally {
      await fresh.close();
    }
  });

  test("the same run keeps its attempt, and another one does not get a job that is in work", async () => {
    const { documentId, jobId } = await register(schema, await addOwner(schema));
    expect(await start(schema, documentId, jobId, "run-1")).toEqual({ jobId, attempt: 1 });
    expect(await start(schema, documentId, jobId, "run-1")).toEqual({ jobId, attempt: 1 });
    expect(await start(schema, documentId, jobId, "run-2")).toBeNull();
    expect(await plan(jobId, 1, 5)).toBe(true);
  });

  test("once the job was asked for again another run gets the next attempt and shuts the former out", async () => {
    const { documentId, jobId } = await register(schema, await addOwner(schema));
    await start(schema, documentId, jobId, "run-1");
    await schema.query("update public.ingestion_jobs set recovered_at = now() where id = $1", [jobId]);
    expect(await start(schema, documentId, jobId, "run-2")).toEqual({ jobId, attempt: 2 });
    expect(await plan(jobId, 1, 5)).toBe(false);
    expect(await store(jobId, 1, makeChunks(0, 1, makeVector))).toBe(false);
    expect(await publish(jobId, 1)).toBeNull();
    expect(await plan(jobId, 2, 5)).toBe(true);
  });

  test("a run that works on what was just registered takes the job up with the first that it tells", async () => {
    const { documentId, jobId } = await register(schema, await addOwner(schema));
    const progress = { runId: "run-1", chunksTotal: 5, entered: { parse: 2_000, chunk: 500 } };
    expect(await one("select public.enter_stage($1, 1, 'embed', $2) as value", [jobId, progress])).toBe(true);
    expect(await statusOf(documentId)).toBe("processing");
    const [job] = await schema.query<{ attempt: number; started_at: string; timings: Record<string, string> }>(
      `select j.status, j.attempt, j.run_id, j.started_at, j.timings, o.sent_at = j.heartbeat_at as is_sent
       from public.ingestion_jobs j join public.outbox o on o.id = j.event_id where j.id = $1`,
      [jobId],
    );
    expect(job).toMatchObject({ status: "processing", attempt: 1, run_id: "run-1", is_sent: true });
    const at = (stage: string) => Date.parse(job?.timings[stage] ?? "");
    expect([at("parse") - at("download"), at("chunk") - at("parse"), at("embed") - at("chunk")]).toEqual([
      0, 1500, 500,
    ]);
    expect(Date.parse(job?.started_at ?? "")).toBe(at("download"));
    // From then on it is this run's, as if it had been taken up before.
    expect(await start(schema, documentId, jobId, "run-2")).toBeNull();
    expect(await start(schema, documentId, jobId, "run-1")).toEqual({ jobId, attempt: 1 });
    expect(await one("select public.enter_stage($1, 1, null, $2) as value", [jobId, { runId: "run-1" }])).toBe(true);
  });

  test("what was registered and has been taken up by another run, or cancelled, is not taken up once more", async () => {
    const owner = await addOwner(schema);
    const tell = (jobId: string) =>
      one("select public.enter_stage($1, 1, 'embed', $2) as value", [jobId, { runId: "run-1", chunksTotal: 5 }]);
    const taken = await register(schema, owner);
    await start(schema, taken.documentId, taken.jobId, "run-2");
    expect(await tell(taken.jobId)).toBe(false);
    expect(await one("select run_id as value from public.ingestion_jobs where id = $1", [taken.jobId])).toBe("run-2");
    const cancelled = await register(schema, owner);
    await schema.query("select public.cancel_job($1, $2)", [owner, cancelled.documentId]);
    expect(await tell(cancelled.jobId)).toBe(false);
    expect(await statusOf(cancelled.documentId)).toBe("cancelled");
  });

  test("a cancelled, superseded or deleted job takes no write", async () => {
    const owner = await addOwner(schema);
    const ends: [string, (documentId: string) => Promise<unknown>][] = [
      ["cancelled", (id) => one("select public.cancel_job($1, $2) as value", [owner, id])],
      ["superseded", (id) => one("select public.request_reprocess($1, $2, '{}') as value", [owner, id])],
      ["deleted", (id) => one("select public.delete_document($1, $2) as value", [owner, id])],
    ];
    for (const [name, end] of ends) {
      const { documentId, jobId } = await register(schema, owner);
      await start(schema, documentId, jobId, "run-1");
      await plan(jobId, 1, 1);
      await end(documentId);
      expect(await store(jobId, 1, makeChunks(0, 1, makeVector)), name).toBe(false);
      expect(await publish(jobId, 1), name).toBeNull();
      expect(await start(schema, documentId, jobId, "run-1"), name).toBeNull();
    }
  });

  test("a failed job can be taken up again by a replay, a published one cannot", async () => {
    const owner = await addOwner(schema);
    const failed = await register(schema, owner);
    await start(schema, failed.documentId, failed.jobId, "run-1");
    await one("select public.fail_job($1, 'run-1', $2) as value", [failed.jobId, { code: "internal", message: "m" }]);
    expect(await statusOf(failed.documentId)).toBe("error");
    expect(await start(schema, failed.documentId, failed.jobId, "run-2")).toEqual({ jobId: failed.jobId, attempt: 2 });
    expect(await statusOf(failed.documentId)).toBe("processing");

    const published = await ingest(owner);
    expect(await start(schema, published.documentId, published.jobId, "run-2")).toBeNull();
    expect(await statusOf(published.documentId)).toBe("ready");
  });

  test("an event without a job makes one, and the same event makes no second", async () => {
    const { documentId } = await ingest(await addOwner(schema));
    const first = await start(schema, documentId, null, "run-9");
    const again = await start(schema, documentId, null, "run-9");
    expect(first?.attempt).toBe(1);
    expect(again).toEqual(first);
  });
});

describe("publishing", () => {
  test("names the passages that are missing, and publishes nothing", async () => {
    const { documentId, jobId } = await register(schema, await addOwner(schema));
    await start(schema, documentId, jobId, "run-1");
    await plan(jobId, 1, 5);
    await store(jobId, 1, [...makeChunks(0, 1, makeVector), ...makeChunks(3, 1, makeVector)]);
    expect(await publish(jobId, 1)).toMatchObject({ published: false, missing: [1, 2, 4] });
    expect(await statusOf(documentId)).toBe("processing");
  });

  test("storing a batch twice stores it once", async () => {
    const { documentId, jobId } = await register(schema, await addOwner(schema));
    await start(schema, documentId, jobId, "run-1");
    await plan(jobId, 1, 4);
    await store(jobId, 1, makeChunks(0, 4, makeVector));
    await store(jobId, 1, makeChunks(0, 4, makeVector));
    expect(await one("select chunks_embedded as value from public.ingestion_jobs where id = $1", [jobId])).toBe(4);
    expect(await publish(jobId, 1)).toMatchObject({ published: true });
  });

  test.each([
    ["of another dimension", [1, 2, 3]],
    ["of zeros", Array.from({ length: 512 }, () => 0)],
  ])("a vector %s is never stored", async (_name, vector) => {
    const { documentId, jobId } = await register(schema, await addOwner(schema));
    await start(schema, documentId, jobId, "run-1");
    await plan(jobId, 1, 1);
    await expect(
      store(
        jobId,
        1,
        makeChunks(0, 1, () => vector),
      ),
    ).rejects.toThrow();
    expect(await publish(jobId, 1)).toMatchObject({ published: false });
  });

  test("a failed reprocess leaves the document ready on what it had, and says what failed", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId } = await ingest(owner);
    const second = await one<string>("select public.request_reprocess($1, $2, '{}') as value", [owner, documentId]);
    await start(schema, documentId, second ?? "", "run-2");
    await one("select public.fail_job($1, 'run-2', $2) as value", [
      second,
      { code: "embedding_unavailable", message: "m" },
    ]);
    const [row] = await schema.query(
      "select status, active_job_id, error ->> 'code' as code from public.documents where id = $1",
      [documentId],
    );
    expect(row).toEqual({ status: "ready", active_job_id: jobId, code: "embedding_unavailable" });
  });

  test("a vector that was paid for is found, by its owner only", async () => {
    const [owner, other] = [await addOwner(schema), await addOwner(schema)];
    await ingest(owner, 2);
    const hashes = ["hash-0", "hash-1", "hash-9"];
    const missing = async (ownerId: string) => {
      const { documentId, jobId } = await register(schema, ownerId);
      await start(schema, documentId, jobId, "run-1");
      return await schema.query("select * from public.read_missing_chunks($1, 1, $2, $3)", [jobId, [0, 1, 2], hashes]);
    };
    expect((await missing(owner)).map((row) => row.cached)).toEqual([true, true, false]);
    expect((await missing(other)).map((row) => row.cached)).toEqual([false, false, false]);
  });
});
