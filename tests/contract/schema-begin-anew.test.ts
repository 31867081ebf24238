import { afterAll, beforeAll, expect, test } from "vitest";
import { addOwner, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());

const settings = { model: "another-model", dimensions: 512 };

async function beginAnew(jobId: string, attempt: number, progress = {}) {
  const [row] = await schema.asService(() =>
    schema.query<{ done: boolean }>("select public.begin_anew($1, $2, $3, $4) as done", [
      jobId,
      attempt,
      progress,
      settings,
    ]),
  );
  return row?.done;
}

const jobsOf = (documentId: string) =>
  schema.query(
    "select status, settings ->> 'model' as model from public.ingestion_jobs where document_id = $1 order by number",
    [documentId],
  );
const superseded = [
  { status: "superseded", model: "test-model" },
  { status: "queued", model: "another-model" },
];

test("a job in work gives way to one by the settings of now, once, whose event waits in the outbox", async () => {
  const { documentId, jobId } = await register(schema, await addOwner(schema));
  await start(schema, documentId, jobId, "run");
  expect([await beginAnew(jobId, 1), await beginAnew(jobId, 1)]).toEqual([true, false]);
  expect(await jobsOf(documentId)).toEqual(superseded);
  const waiting = await schema.query(
    "select o.name from public.outbox o join public.ingestion_jobs j on j.event_id = o.id where j.document_id = $1 and j.number = 2 and o.sent_at is null",
    [documentId],
  );
  expect(waiting).toEqual([{ name: "document.reprocess.requested" }]);
  const [document] = await schema.query("select status from public.documents where id = $1", [documentId]);
  expect(document).toEqual({ status: "queued" });
});

test("a job that its run knew without taking it up gives way, too, to no other run", async () => {
  const { documentId, jobId } = await register(schema, await addOwner(schema));
  expect(await beginAnew(jobId, 1, { runId: "run" })).toBe(true);
  expect(await jobsOf(documentId)).toEqual(superseded);

  const taken = await register(schema, await addOwner(schema));
  await start(schema, taken.documentId, taken.jobId, "another run");
  expect(await beginAnew(taken.jobId, 1, { runId: "run" })).toBe(false);
});

test("a job that was cancelled, or whose document was deleted, stays as it is", async () => {
  const owner = await addOwner(schema);
  for (const end of ["cancel_job", "delete_document"]) {
    const { documentId, jobId } = await register(schema, owner);
    await start(schema, documentId, jobId, "run");
    await schema.query(`select public.${end}($1, $2)`, [owner, documentId]);
    expect(await beginAnew(jobId, 1)).toBe(false);
    expect(await jobsOf(documentId)).toEqual([{ status: "cancelled", model: "test-model" }]);
  }
});
