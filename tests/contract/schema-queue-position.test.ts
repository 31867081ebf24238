import { afterAll, beforeAll, expect, test } from "vitest";
import { addOwner, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());

test("a queued document tells how many of its owner's are before it; those of others and those in work do not count", async () => {
  const [owner, other] = [await addOwner(schema), await addOwner(schema)];
  await register(schema, other);
  const first = await register(schema, owner);
  await register(schema, other);
  const [second, third] = [await register(schema, owner), await register(schema, owner)];
  const ahead = async () => {
    const rows = await schema.as(owner, () =>
      schema.query<{ id: string; ahead: number | null }>("select id, ahead from public.document_overviews"),
    );
    return [first, second, third].map(({ documentId }) => rows.find(({ id }) => id === documentId)?.ahead ?? null);
  };
  expect(await ahead()).toEqual([0, 1, 2]);
  await start(schema, first.documentId, first.jobId, "run");
  expect(await ahead()).toEqual([null, 0, 1]);
  await schema.query("select public.cancel_job($1, $2)", [owner, second.documentId]);
  expect(await ahead()).toEqual([null, null, 0]);
});
