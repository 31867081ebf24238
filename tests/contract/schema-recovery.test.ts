import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addOwner, makeChunks, makeVector, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());
// Recovery looks at all owners, so each test begins with nothing in work.
beforeEach(() => schema.query("delete from public.documents"));

const lease = 300;
const limits = { owner: 2, total: 4 };
const most = 3;
const error = { code: "stalled", message: "m" };

const recover = () =>
  schema.query<{ job_id: string; event_id: string | null }>(
    "select * from public.recover_jobs($1, $2, $3, $4, $5, $6)",
    [lease, limits.owner, limits.total, most, error, ["embedding_unavailable"]],
  );
/** Lets time pass for a job: all its times move back. */
const letPass = (jobId: string, seconds: number) =>
  schema.query(
    `update public.ingestion_jobs set heartbeat_at = heartbeat_at - make_interval(secs => $2),
       finished_at = finished_at - make_interval(secs => $2), recovered_at = recovered_at - make_interval(secs => $2), resumes_at = resumes_at - make_interval(secs => $2)
     where id = $1`,
    [jobId, seconds],
  );
const markSent = () => schema.query("update public.outbox set sent_at = now() where sent_at is null");
const jobOf = async (jobId: string) => {
  const [row] = await schema.query<{ status: string; recoveries: number; attempt: number; code: string | null }>(
    "select status, recoveries, attempt, error ->> 'code' as code from public.ingestion_jobs where id = $1",
    [jobId],
  );
  return row;
};

async function begin(ownerId: string, runId: string = randomUUID()) {
  const registered = await register(schema, ownerId);
  await markSent();
  await start(schema, registered.documentId, registered.jobId, runId);
  return registered;
}

async function fail(ownerId: string, code: string) {
  const begun = await begin(ownerId, "run-1");
  await schema.query("select public.fail_job($1, 'run-1', $2)", [begun.jobId, { code, message: "m" }]);
  return begun;
}

describe("recovery", () => {
  test("a job without a sign of life is asked for again by a new event, which waits in the outbox", async () => {
    const { jobId } = await begin(await addOwner(schema));
    expect(await recover()).toEqual([]);
    await letPass(jobId, lease + 1);
    const eventId = `document.uploaded:${jobId}:1`;
    expect(await recover()).toMatchObject([{ job_id: jobId, event_id: eventId }]);
    expect(await schema.query("select id from public.outbox where sent_at is null")).toEqual([{ id: eventId }]);
    await letPass(jobId, 60);
    expect(await recover(), "a job whose event waits in the outbox is not asked for again").toEqual([]);
  });

  test("a job that was queued and that nobody took up is asked for again, too", async () => {
    const { jobId } = await register(schema, await addOwner(schema));
    await letPass(jobId, lease + 1);
    expect(await recover(), "its first event was not even sent").toEqual([]);
    await markSent();
    expect(await recover()).toHaveLength(1);
  });

  test("after so many times the job ends with `stalled`", async () => {
    const { documentId, jobId } = await begin(await addOwner(schema));
    for (let time = 1; time <= most; time += 1) {
      await letPass(jobId, lease + 1);
      expect((await recover())[0]?.event_id).toBe(`document.uploaded:${jobId}:${time}`);
      await markSent();
    }
    await letPass(jobId, lease + 1);
    expect(await recover()).toMatchObject([{ job_id: jobId, event_id: null }]);
    expect(await jobOf(jobId)).toMatchObject({ status: "error", code: "stalled" });
    const [document] = await schema.query("select status from public.documents where id = $1", [documentId]);
    expect(document).toEqual({ status: "error" });
  });

  test("of two runs that were asked for only one takes the job up", async () => {
    const { documentId, jobId } = await begin(await addOwner(schema));
    await letPass(jobId, lease + 1);
    await recover();
    expect(await start(schema, documentId, jobId, "recovery")).toEqual({ jobId, attempt: 2 });
    expect(await start(schema, documentId, jobId, "recovery")).toEqual({ jobId, attempt: 2 });
    expect(await start(schema, documentId, jobId, "the first event again")).toBeNull();
    expect(await jobOf(jobId)).toMatchObject({ attempt: 2, recoveries: 1 });
  });

  test("a worker that was only slow keeps its job, and the run that was asked for finds it alive", async () => {
    const { documentId, jobId } = await begin(await addOwner(schema));
    await letPass(jobId, lease + 1);
    await recover();
    await schema.query("select public.record_progress($1, 1, '{}')", [jobId]);
    expect(await start(schema, documentId, jobId, "recovery")).toBeNull();
    expect(await jobOf(jobId)).toMatchObject({ status: "processing", attempt: 1 });
  });

  test("a job that rests because a service asked it to wait has not stalled", async () => {
    const { jobId } = await begin(await addOwner(schema));
    await schema.query("select public.rest_job($1, 1, 3600)", [jobId]);
    await letPass(jobId, 3600);
    expect(await recover()).toEqual([]);
    await letPass(jobId, lease + 1);
    expect(await recover()).toHaveLength(1);
  });

  test("waiting for capacity is not stalling: while as many jobs live as may run, nobody is asked for again", async () => {
    const owner = await addOwner(schema);
    const waiting = await register(schema, owner);
    await letPass(waiting.jobId, 10 * lease);
    const alive = [await begin(owner), await begin(owner)];
    expect(await recover(), "the owner's limit is used").toEqual([]);
    await schema.query("select public.cancel_job($1, $2)", [owner, alive[0]?.documentId]);
    await markSent();
    expect(await recover()).toMatchObject([{ job_id: waiting.jobId }]);

    const late = await register(schema, await addOwner(schema));
    await markSent();
    await letPass(late.jobId, 10 * lease);
    for (let count = 0; count < limits.total - 1; count += 1) await begin(await addOwner(schema));
    expect(await recover(), "the limit of all is used").toEqual([]);
  });

  test("nor is waiting behind a long document, which holds several places", async () => {
    const owner = await addOwner(schema);
    const waiting = await register(schema, owner);
    await letPass(waiting.jobId, 10 * lease);
    const long = await begin(owner);
    const enter = (stage: string, progress: object) =>
      schema.query("select public.begin_stage($1, 1, $2, $3)", [long.jobId, stage, progress]);
    await enter("embed", { places: limits.owner });
    await markSent();
    expect(await recover()).toEqual([]);
    await enter("publish", {});
    expect(await recover(), "in the other stages it holds one").toMatchObject([{ job_id: waiting.jobId }]);
  });

  test("a job that an outage ended does not wait until its end was announced, but for its own event", async () => {
    const { documentId, jobId } = await fail(await addOwner(schema), "embedding_unavailable");
    await letPass(jobId, lease + 1);
    expect(await recover()).toMatchObject([{ job_id: jobId, event_id: `document.uploaded:${jobId}:1` }]);
    await letPass(jobId, lease + 1);
    expect(await recover()).toEqual([]);
    expect(await schema.query("select name from public.outbox where sent_at is null order by created_at")).toEqual([
      { name: "document.failed" },
      { name: "document.uploaded" },
    ]);
    await schema.query("update public.outbox set sent_at = now() where name = 'document.uploaded'");
    await start(schema, documentId, jobId, "run-2");
    await letPass(jobId, lease + 1);
    expect(await recover(), "nor does one that is lost after that").toMatchObject([
      { job_id: jobId, event_id: `document.uploaded:${jobId}:2` },
    ]);
  });

  test("a job that an outage ended is asked for again, as often as a stalled one; another failure is an end", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId } = await fail(owner, "embedding_unavailable");
    await fail(owner, "file_corrupt");
    await markSent();
    expect(await recover(), "not at once").toEqual([]);
    for (let time = 1; time <= most; time += 1) {
      await letPass(jobId, lease + 1);
      expect(await recover()).toMatchObject([{ job_id: jobId, event_id: `document.uploaded:${jobId}:${time}` }]);
      await markSent();
    }
    await letPass(jobId, lease + 1);
    expect(await recover()).toEqual([]);
    expect(await start(schema, documentId, jobId, "recovery")).toEqual({ jobId, attempt: 2 });
    expect(await start(schema, documentId, jobId, "an earlier recovery")).toBeNull();
  });

  test("a job that an outage ended is over when its owner has gone back to a former index since", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId: first } = await register(schema, owner);
    const reprocess = async () => {
      const [row] = await schema.query<{ id: string }>("select public.request_reprocess($1, $2, $3) as id", [
        owner,
        documentId,
        { model: "test-model", dimensions: 512 },
      ]);
      return row?.id ?? "";
    };
    const publish = async (jobId: string) => {
      const attempt = (await start(schema, documentId, jobId, `run-of-${jobId}`))?.attempt;
      await schema.query("select public.record_progress($1, $2, $3)", [jobId, attempt, { chunksTotal: 1 }]);
      const rows = JSON.stringify(makeChunks(0, 1, makeVector));
      await schema.query("select public.store_chunks($1, $2, $3, 0, 0)", [jobId, attempt, rows]);
      await schema.query("select public.publish_job($1, $2)", [jobId, attempt]);
    };
    await publish(first);
    await publish(await reprocess());
    const third = await reprocess();
    await start(schema, documentId, third, "run-3");
    await schema.query("select public.fail_job($1, 'run-3', $2)", [
      third,
      { code: "embedding_unavailable", message: "m" },
    ]);
    await schema.query("select public.roll_back_document($1, $2)", [owner, documentId]);
    await markSent();
    await letPass(third, lease + 1);
    expect(await recover()).toEqual([]);
    expect(await start(schema, documentId, third, "a recovery that was sent before")).toBeNull();
  });

  test("a job that ended, or whose document was deleted, is left alone", async () => {
    const owner = await addOwner(schema);
    const cancelled = await begin(owner);
    await schema.query("select public.cancel_job($1, $2)", [owner, cancelled.documentId]);
    const deleted = await begin(owner);
    await schema.query("select public.delete_document($1, $2)", [owner, deleted.documentId]);
    for (const { jobId } of [cancelled, deleted]) await letPass(jobId, lease + 1);
    await markSent();
    expect(await recover()).toEqual([]);
  });
});

describe("left-overs", () => {
  const store = (jobId: string, attempt: number) =>
    schema.query("select public.store_chunks($1, $2, $3, 0, 0)", [
      jobId,
      attempt,
      JSON.stringify(makeChunks(0, 2, makeVector)),
    ]);
  const prunable = async () =>
    (await schema.query("select public.list_prunable_documents(10) as id")).map((row) => row.id);

  test("the passages of a failed job stay for a replay, and go when a newer job has come", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId } = await register(schema, owner);
    await start(schema, documentId, jobId, "run-1");
    await store(jobId, 1);
    await schema.query("select public.fail_job($1, 'run-1', $2)", [jobId, error]);
    expect(await prunable()).toEqual([]);
    await schema.query("select public.request_reprocess($1, $2, '{}')", [owner, documentId]);
    expect(await prunable()).toEqual([documentId]);
    expect(await schema.query("select public.prune_chunks($1, 100) as removed", [documentId])).toEqual([
      { removed: 2 },
    ]);
    expect(await prunable()).toEqual([]);
  });

  test("objects without a row are found, those of documents, uploads and kept jobs are not", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId } = await register(schema, owner);
    const upload = randomUUID();
    await schema.query(
      "insert into public.uploads (id, owner_id, file_name, size_bytes, storage_key, expires_at) values ($1, $2, 'a', 1, $3, now())",
      [upload, owner, `${owner}/${upload}/source`],
    );
    const lost = randomUUID();
    const objects = [
      ["documents", `${owner}/${documentId}/source`],
      ["documents", `${owner}/${upload}/source`],
      ["documents", `${owner}/${lost}/source`],
      ["ingestion", `${owner}/${documentId}/${jobId}/parsed.json.gz`],
      ["ingestion", `${owner}/${documentId}/${jobId}/chunks-0.json.gz`],
      ["ingestion", `${owner}/${documentId}/${lost}/parsed.json.gz`],
    ];
    for (const [bucket, name] of objects) {
      await schema.query(
        "insert into storage.objects (bucket_id, name, created_at) values ($1, $2, now() - interval '1 hour')",
        [bucket, name],
      );
    }
    const orphans = async (seconds: number) =>
      (await schema.query<{ name: string }>("select * from public.list_orphan_objects($1, 100)", [seconds])).map(
        (row) => row.name,
      );
    expect(await orphans(7200)).toEqual([]);
    expect(new Set(await orphans(600))).toEqual(
      new Set([`${owner}/${lost}/source`, `${owner}/${documentId}/${lost}/parsed.json.gz`]),
    );

    await schema.query("select public.cancel_job($1, $2)", [owner, documentId]);
    expect(await orphans(600)).toContain(`${owner}/${documentId}/${jobId}/parsed.json.gz`);
  });
});
