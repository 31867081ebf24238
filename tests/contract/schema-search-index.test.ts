import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addOwner, makeChunks, openSchema, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
let large: string;

beforeAll(async () => {
  schema = await openSchema();
  large = await addOwner(schema);
  await publish(large, 600, (ordinal) => scatter(`large ${ordinal}`));
  // A crowd of others around one direction: all of them are nearer to it than any passage of the large owner.
  for (let other = 0; other < 30; other += 1) {
    await publish(await addOwner(schema), 90, (ordinal) => near(other * 90 + ordinal));
  }
  await schema.query(
    "create or replace function public.exact_search_limit() returns integer language sql immutable set search_path = '' as $$ select 100 $$",
  );
  await schema.asService(() => schema.query("select public.maintain_vector_index()"));
  await schema.query("analyze");
});
afterAll(() => schema.close());

/** A direction of its own for each seed, about at right angles to all others. */
function scatter(seed: string): number[] {
  const digests = Array.from({ length: 8 }, (_, part) => createHash("sha512").update(`${seed} ${part}`).digest());
  return [...Buffer.concat(digests)].map((byte) => (byte - 127.5) * 2);
}

const crowded = scatter("crowd");

function near(ordinal: number): number[] {
  const own = scatter(`other ${ordinal}`);
  return crowded.map((value, index) => 4 * value + (own[index] ?? 0));
}

async function publish(ownerId: string, count: number, vectorOf: (ordinal: number) => number[]): Promise<void> {
  const { documentId, jobId } = await register(schema, ownerId);
  await start(schema, documentId, jobId, documentId);
  await schema.query("select public.record_progress($1, 1, $2)", [jobId, { chunksTotal: count }]);
  const chunks = makeChunks(0, count, vectorOf);
  await schema.query("select public.store_chunks($1, 1, $2, 0, 0)", [jobId, JSON.stringify(chunks)]);
  await schema.query("select public.publish_job($1, 1)", [jobId]);
}

const search = (vector: number[]) =>
  schema.as(large, () =>
    schema.query<{ content: string }>("select content from public.search_chunks('unrelated', $1, 10)", [
      `[${vector.join(",")}]`,
    ]),
  );

async function countScans(): Promise<number> {
  await schema.query("select pg_stat_force_next_flush()");
  const [row] = await schema.query<{ scans: number }>(
    "select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = 'chunks_embedding_hnsw'",
  );
  return row?.scans ?? Number.NaN;
}

test("a large owner is searched through the approximate index, whatever the planner takes them for", async () => {
  const before = await countScans();
  const found = await search(scatter("large 42"));
  expect(found[0]?.content).toBe("Passage number 42");
  expect(await countScans()).toBe(before + 1);
});

test("a large owner gets every row also where others have more that is nearer than the index is ready to pass over", async () => {
  await schema.query("set hnsw.max_scan_tuples = 1");
  expect(await search(crowded)).toHaveLength(10);
});
