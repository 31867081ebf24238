import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addOwner, makeChunks, makeVector, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());

const settings = { model: "test-model", dimensions: 512 };

async function publish(documentId: string, jobId: string, chunks: number) {
  const job = await start(schema, documentId, jobId, `run-of-${jobId}`);
  if (!job) throw new Error("The job cannot be taken up.");
  await schema.query("select public.record_progress($1, $2, $3)", [jobId, job.attempt, { chunksTotal: chunks }]);
  const rows = JSON.stringify(makeChunks(0, chunks, makeVector));
  await schema.query("select public.store_chunks($1, $2, $3, 0, 0)", [jobId, job.attempt, rows]);
  await schema.query("select public.publish_job($1, $2)", [jobId, job.attempt]);
}

async function reprocess(ownerId: string, documentId: string, chunks: number): Promise<string> {
  const [row] = await schema.query<{ id: string }>("select public.request_reprocess($1, $2, $3) as id", [
    ownerId,
    documentId,
    settings,
  ]);
  if (!row) throw new Error("The document cannot be reprocessed.");
  await publish(documentId, row.id, chunks);
  return row.id;
}

const rollBack = async (ownerId: string, documentId: string) =>
  (await schema.query("select public.roll_back_document($1, $2) as outcome", [ownerId, documentId])).map(
    (row) => row.outcome,
  );
const activeOf = async (documentId: string) =>
  (await schema.query("select active_job_id from public.documents where id = $1", [documentId]))[0]?.active_job_id;
const prune = (documentId: string) => schema.query("select public.prune_chunks($1, 1000)", [documentId]);
const chunksOf = async (jobId: string) =>
  Number((await schema.query("select count(*) from public.chunks where job_id = $1", [jobId]))[0]?.count);

describe("rolling back", () => {
  test("serves the former index again, whole, and doing it twice is undoing it", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId: first } = await register(schema, owner);
    await publish(documentId, first, 3);
    expect(await rollBack(owner, documentId)).toEqual(["none"]);
    const second = await reprocess(owner, documentId, 5);
    await prune(documentId);
    expect([await chunksOf(first), await chunksOf(second)]).toEqual([3, 5]);

    expect(await rollBack(owner, documentId)).toEqual(["done"]);
    expect(await activeOf(documentId)).toBe(first);
    expect(await rollBack(owner, documentId)).toEqual(["done"]);
    expect(await activeOf(documentId)).toBe(second);
  });

  test("goes back one step only: what was before the former index is pruned", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId: first } = await register(schema, owner);
    await publish(documentId, first, 3);
    const second = await reprocess(owner, documentId, 4);
    const third = await reprocess(owner, documentId, 5);
    await prune(documentId);
    expect([await chunksOf(first), await chunksOf(second), await chunksOf(third)]).toEqual([0, 4, 5]);
  });

  test("is refused while a job is in work, to other owners, and once the former index was let go", async () => {
    const owner = await addOwner(schema);
    const { documentId, jobId: first } = await register(schema, owner);
    await publish(documentId, first, 3);
    await reprocess(owner, documentId, 4);
    expect(await rollBack(await addOwner(schema), documentId)).toEqual([]);
    await schema.query("select public.request_reprocess($1, $2, $3)", [owner, documentId, settings]);
    expect(await rollBack(owner, documentId)).toEqual(["busy"]);
    await schema.query("select public.cancel_job($1, $2)", [owner, documentId]);

    const expire = async (seconds: number) =>
      (await schema.query("select public.expire_former_indexes($1) as id", [seconds])).map((row) => row.id);
    expect(await expire(3600)).toEqual([]);
    await schema.query("update public.documents set previous_since = now() - interval '2 hours' where id = $1", [
      documentId,
    ]);
    expect(await expire(3600)).toEqual([documentId]);
    expect(await rollBack(owner, documentId)).toEqual(["none"]);
    await prune(documentId);
    expect(await chunksOf(first)).toBe(0);
  });
});

describe("bulk reprocess", () => {
  interface Page {
    last: string | null;
    events: { id: string; data: { documentId: string; jobId: string } }[];
  }
  const queuePage = async (
    request: string,
    filter: object,
    after: string | null,
    limit: number,
    wanted: object = settings,
  ) => {
    const [row] = await schema.query<{ page: Page }>("select public.queue_reprocess_page($1, $2, $3, $4, $5) as page", [
      request,
      filter,
      wanted,
      after,
      limit,
    ]);
    if (!row) throw new Error("There is no page.");
    return row.page;
  };
  async function ingest(owner: string, count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { documentId, jobId } = await register(schema, owner);
      await publish(documentId, jobId, 1);
      ids.push(documentId);
    }
    return ids.toSorted();
  }

  test("queues every document that is meant, page by page, each once", async () => {
    const owner = await addOwner(schema);
    const ids = await ingest(owner, 5);
    await ingest(await addOwner(schema), 1);
    const filter = { ownerId: owner };
    const first = await queuePage("request-1", filter, null, 2);
    const again = await queuePage("request-1", filter, null, 2);
    const second = await queuePage("request-1", filter, first.last, 2);
    const third = await queuePage("request-1", filter, second.last, 2);
    expect(again.events, "the page again queues nothing again").toEqual([]);
    const queued = [first, second, third].flatMap(({ events }) => events.map(({ data }) => data.documentId));
    expect(queued).toEqual(ids);
    expect([first.last, second.last, third.last]).toEqual([ids[1], ids[3], null]);
    const jobs = await schema.query(
      "select count(*)::integer as jobs from public.ingestion_jobs where owner_id = $1 and reason = 'reprocess'",
      [owner],
    );
    expect(jobs).toEqual([{ jobs: 5 }]);
    const outbox = await schema.query(
      "select id from public.outbox where id like 'document.reprocess.requested:request-1:%'",
    );
    expect(outbox).toHaveLength(5);
  });

  test("means the failed ones, those that are named, or those of an old model", async () => {
    const owner = await addOwner(schema);
    const [ready = "", named = ""] = await ingest(owner, 2);
    const failed = await register(schema, owner);
    await start(schema, failed.documentId, failed.jobId, "run-1");
    await schema.query("select public.fail_job($1, 'run-1', $2)", [failed.jobId, { code: "internal", message: "m" }]);
    const meant = async (request: string, filter: object) =>
      (await queuePage(request, { ownerId: owner, ...filter }, null, 10)).events.map(({ data }) => data.documentId);
    expect(await meant("r-1", { status: "error" })).toEqual([failed.documentId]);
    expect(await meant("r-2", { ids: [named] })).toEqual([named]);
    expect(await meant("r-3", { model: "another-model" })).toEqual([]);
    expect(await meant("r-4", { model: "test-model", ids: [ready] })).toEqual([ready]);
  });

  test("means those that show certain errors", async () => {
    const owner = await addOwner(schema);
    await ingest(owner, 1);
    const { documentId, jobId } = await register(schema, owner);
    await start(schema, documentId, jobId, "run-1");
    await schema.query("select public.fail_job($1, 'run-1', $2)", [jobId, { code: "internal", message: "m" }]);
    const others = { ownerId: owner, codes: ["file_corrupt"] };
    expect((await queuePage("c-1", others, null, 10)).events).toEqual([]);
    const own = { ownerId: owner, codes: ["file_corrupt", "internal"] };
    expect((await queuePage("c-2", own, null, 10)).events).toMatchObject([{ data: { documentId } }]);
  });

  test("leaves a document alone that is in work by the same settings, and supersedes one by others", async () => {
    const owner = await addOwner(schema);
    const { documentId } = await register(schema, owner);
    expect((await queuePage("r-5", { ownerId: owner }, null, 10)).events).toEqual([]);
    const other = { ...settings, model: "new-model" };
    expect((await queuePage("r-6", { ownerId: owner }, null, 10, other)).events).toMatchObject([
      { data: { documentId } },
    ]);
  });

  test("a request is an event in the outbox with the count, and none when nothing is meant", async () => {
    const owner = await addOwner(schema);
    await ingest(owner, 2);
    const request = async (filter: object) =>
      (
        await schema.query<{ event_id: string; documents: number }>(
          "select * from public.request_bulk_reprocess($1, $2)",
          [owner, filter],
        )
      )[0];
    const all = await request({});
    expect(Number(all?.documents)).toBe(2);
    expect(await schema.query("select data from public.outbox where id = $1", [all?.event_id])).toEqual([
      { data: { ownerId: owner } },
    ]);
    const none = await request({ status: "error" });
    expect(Number(none?.documents)).toBe(0);
    expect(await schema.query("select 1 from public.outbox where id = $1", [none?.event_id])).toEqual([]);
  });
});
