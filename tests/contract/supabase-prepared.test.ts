import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "#supabase/embedded/open-database.ts";
import { prepareStatements } from "#supabase/embedded/prepare-statements.ts";

const connection = await openDatabase(undefined);
const database = connection.driver;
const insert = "insert into things (id, name, tags, facts) values ($1, $2, $3, $4)";
const select = "select * from things where id = $1";

beforeAll(async () => {
  await database.exec(`
    create table things (id int primary key, name text, tags text[], facts jsonb, made timestamptz default '2026-01-02 03:04:05Z');
  `);
  prepareStatements(database);
});
afterAll(() => connection.close());

async function countPrepared(): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    "select count(*)::int4 as count from pg_prepared_statements",
  );
  return rows[0]?.count ?? 0;
}

test("a statement that is asked again answers as it did, with what it is given then", async () => {
  const first = await database.query(insert, [1, "one", ["a", 'b"c'], { deep: [1, null] }]);
  expect([first.command, first.affectedRows]).toEqual(["INSERT", 1]);
  await database.query(insert, [2, null, [], null]);
  const made = "2026-01-02T03:04:05+00:00";
  const one = { id: 1, name: "one", tags: ["a", 'b"c'], facts: { deep: [1, null] }, made };
  expect((await database.query(select, [1])).rows).toEqual([one]);
  expect((await database.query(select, [2])).rows).toEqual([{ id: 2, name: null, tags: [], facts: null, made }]);
  expect((await database.query(select, [3])).rows).toEqual([]);
  const prepared = await countPrepared();
  await database.query(select, [1]);
  expect(await countPrepared()).toBe(prepared);
});

test("what fails is told as PostgreSQL tells it, and spoils nothing after it", async () => {
  const again = database.query(insert, [1, "again", [], null]);
  await expect(again).rejects.toMatchObject({ code: "23505", constraint: "things_pkey" });
  await expect(database.query("select nothing from nowhere")).rejects.toMatchObject({ code: "42P01" });
  const failed = database.transaction(async (transaction) => {
    await transaction.query(insert, [10, "ten", [], null]);
    await transaction.query(insert, [1, "again", [], null]);
  });
  await expect(failed).rejects.toMatchObject({ code: "23505" });
  await database.transaction(async (transaction) => {
    await transaction.query(insert, [11, "eleven", [], null]);
    await transaction.rollback();
  });
  expect((await database.query("select id from things order by id")).rows).toEqual([{ id: 1 }, { id: 2 }]);
  expect((await database.query(insert, [12, "twelve", [], null])).affectedRows).toBe(1);
});

test("a statement whose table has other columns by now fails once", async () => {
  await database.query(select, [1]);
  await database.exec("alter table things add column later int default 7");
  await expect(database.query(select, [1])).rejects.toMatchObject({ code: "0A000" });
  expect((await database.query<{ later: number }>(select, [1])).rows).toMatchObject([{ later: 7 }]);
});

test("what has not been asked for long is forgotten", { timeout: 20_000 }, async () => {
  for (let index = 0; index < 400; index += 1) await database.query(`select ${index} as number`);
  expect(await countPrepared()).toBeLessThan(310);
  expect((await database.query("select 0 as number")).rows).toEqual([{ number: 0 }]);
});
