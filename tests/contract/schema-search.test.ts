import { afterAll, beforeAll, expect, test } from "vitest";
import { addOwner, makeChunks, makeVector, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
let large: string;
let small: string;

beforeAll(async () => {
  schema = await openSchema();
  [large, small] = [await addOwner(schema), await addOwner(schema)];
  await publish(large, 600, 0);
  await publish(small, 12, 10_000);
});
afterAll(() => schema.close());

async function publish(ownerId: string, count: number, seed: number): Promise<void> {
  const { documentId, jobId } = await register(schema, ownerId);
  await start(schema, documentId, jobId, "run");
  await schema.query("select public.record_progress($1, 1, $2)", [jobId, { chunksTotal: count }]);
  const chunks = makeChunks(0, count, (ordinal) => makeVector(seed + ordinal));
  await schema.query("select public.store_chunks($1, 1, $2, 0, 0)", [jobId, JSON.stringify(chunks)]);
  await schema.query("select public.publish_job($1, 1)", [jobId]);
}

function search(ownerId: string, text: string, seed: number, limit = 10) {
  return schema.as(ownerId, () =>
    schema.query<{ content: string; score: number; ordinal: number }>(
      "select * from public.search_chunks($1, $2, $3)",
      [text, `[${makeVector(seed).join(",")}]`, limit],
    ),
  );
}

const maintain = () =>
  schema.asService(
    async () => (await schema.query<{ built: boolean }>("select public.maintain_vector_index() as built"))[0]?.built,
  );

test("the nearest passage is first, and an owner gets as many as asked for", async () => {
  const found = await search(large, "unrelated", 42);
  expect(found).toHaveLength(10);
  expect(found[0]).toMatchObject({ content: "Passage number 42", ordinal: 42 });
  expect(await search(small, "unrelated", 10_003, 12)).toHaveLength(12);
});

test("words count as well as meaning, and having all of them counts most", async () => {
  const found = await search(large, "what about passage number 77?", 42);
  expect(
    found
      .slice(0, 2)
      .map((row) => row.content)
      .sort(),
  ).toEqual(["Passage number 42", "Passage number 77"]);
});

test("nobody finds another owner's passages", async () => {
  for (const { content } of await search(small, "passage number 400", 42, 50)) {
    expect(Number(content.split(" ").at(-1))).toBeLessThan(12);
  }
});

test("the approximate index comes only past a size, and then a large owner still gets every row and a small one the exact ones", async () => {
  expect(await maintain()).toBe(false);
  await schema.query(
    "create or replace function public.exact_search_limit() returns integer language sql immutable set search_path = '' as $$ select 100 $$",
  );
  expect(await maintain()).toBe(true);
  expect(await maintain()).toBe(true);
  const found = await search(large, "unrelated", 42);
  expect(found).toHaveLength(10);
  expect(found[0]?.content).toBe("Passage number 42");
  const few = await search(small, "unrelated", 10_003);
  expect(few).toHaveLength(10);
  expect(few[0]?.content).toBe("Passage number 3");
});
