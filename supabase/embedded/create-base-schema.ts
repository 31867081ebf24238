import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { getAuthSchemaSql } from "@supabase/lite";

/** Gives a new database what every project has before its first migration. Does nothing to one that has it. */
export async function createBaseSchema(database: PGlite): Promise<void> {
  const { rows } = await database.query<{ made: boolean }>("select to_regclass('storage.objects') is not null as made");
  if (rows[0]?.made) return;
  await database.transaction(async (transaction) => {
    await transaction.exec(readSql("roles.sql"));
    await transaction.exec(getAuthSchemaSql());
    await transaction.exec(readSql("auth.sql"));
    await transaction.exec(readSql("storage.sql"));
  });
}

function readSql(name: string): string {
  return readFileSync(join(import.meta.dirname, "sql", name), "utf8");
}
