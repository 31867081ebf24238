import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "#supabase/embedded/open-database.ts";
import { createExclusive } from "#supabase/embedded/run-exclusive.ts";
import { startMaintenance } from "#supabase/embedded/start-maintenance.ts";

const connection = await openDatabase(undefined);
const database = connection.driver;
const exclusive = createExclusive();
let stop: () => Promise<void>;

beforeAll(async () => {
  await database.exec(`
    create schema extensions;
    create extension vector with schema extensions;
    create table public.plain (id int primary key, words tsvector);
    create index plain_words on public.plain using gin (words);
    create table public."With Vectors" (id int primary key, words tsvector, place extensions.vector(3));
    create index vectors_words on public."With Vectors" using gin (words);
    create index vectors_place on public."With Vectors" using hnsw (place extensions.vector_l2_ops);
    insert into public.plain select i, to_tsvector('simple', 'word ' || i) from generate_series(1, 3000) i;
    insert into public."With Vectors"
      select i, to_tsvector('simple', 'word ' || i), format('[%s,1,1]', i)::extensions.vector from generate_series(1, 3000) i;
    delete from public."With Vectors" where id % 2 = 0;
  `);
  stop = startMaintenance(database, exclusive, { everyMs: 20, quietMs: 0 });
});
afterAll(async () => {
  await stop();
  await connection.close();
});

test.each(["public.plain", 'public."With Vectors"'])("%s gets statistics and is vacuumed by itself", async (table) => {
  await expect
    .poll(
      async () => {
        const { rows } = await exclusive(() =>
          database.query<{ known: boolean; analyzed: boolean; vacuumed: boolean }>(
            `select c.reltuples > 1000 as known, s.last_analyze is not null as analyzed, s.last_vacuum is not null as vacuumed
             from pg_class c join pg_stat_user_tables s on s.relid = c.oid where c.oid = $1::regclass`,
            [table],
          ),
        );
        return rows[0];
      },
      { timeout: 20_000 },
    )
    .toEqual({ known: true, analyzed: true, vacuumed: true });
});

test("the list of what a GIN index has pending is worked off, also where its table has vectors", async () => {
  const { rows } = await exclusive(() =>
    database.query<{ pages: number }>("select gin_clean_pending_list('public.vectors_words'::regclass)::int4 as pages"),
  );
  expect(rows[0]?.pages).toBe(0);
});

test("a table that has grown manifold gets statistics at once, and is not vacuumed, while there is no quiet moment", async () => {
  const busy = await openDatabase(undefined);
  await busy.driver.exec("create table public.grown as select i from generate_series(1, 3000) i");
  const stopBusy = startMaintenance(busy.driver, createExclusive(), {
    everyMs: 400,
    quietMs: Number.POSITIVE_INFINITY,
  });
  const read = async () => {
    const { rows } = await busy.driver.query<{ known: number; vacuumed: boolean }>(
      `select c.reltuples as known, s.last_vacuum is not null as vacuumed
       from pg_class c join pg_stat_user_tables s on s.relid = c.oid where c.oid = 'public.grown'::regclass`,
    );
    return rows[0];
  };
  try {
    await expect.poll(read, { timeout: 2_000 }).toEqual({ known: 3000, vacuumed: false });
    await busy.driver.exec("insert into public.grown select i from generate_series(1, 10_000) i");
    await expect.poll(read, { timeout: 2_000 }).toEqual({ known: 13_000, vacuumed: false });
  } finally {
    await stopBusy();
    await busy.close();
  }
});
