import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { logNotice } from "./log.ts";

interface Migration {
  file: string;
  version: string;
  name: string;
  sql: string;
}

/**
 * Applies what the directory has and the database has not, in the order of the versions, each file in one transaction.
 * Throws at the first that fails, naming the file; those before it stay applied. Points out files that are not any more what
 * was applied.
 */
export async function applyMigrations(database: PGlite, directory: string): Promise<void> {
  const { rows } = await database.query<{ version: string; sql: string }>(
    "select version, array_to_string(statements, '') as sql from supabase_migrations.schema_migrations",
  );
  const done = new Map(rows.map((row) => [row.version, row.sql]));
  for (const migration of readMigrations(directory)) {
    const applied = done.get(migration.version);
    if (applied === undefined) await applyMigration(database, migration);
    else if (applied !== migration.sql) {
      logNotice(`migration ${migration.file} was changed after it was applied: the database has its former text`);
    }
  }
  // Types that a migration made are only then read as arrays and not as text.
  await database.refreshArrayTypes();
}

function readMigrations(directory: string): Migration[] {
  const versions = new Map<string, string>();
  return readdirSync(directory)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => {
      const [, version, name] = /^(\d{14})_(.+)\.sql$/.exec(file) ?? [];
      if (version === undefined || name === undefined) {
        throw new Error(`migration ${file} is not named YYYYMMDDHHMMSS_name.sql`);
      }
      const other = versions.get(version);
      if (other !== undefined) throw new Error(`migrations ${other} and ${file} have the same version`);
      versions.set(version, file);
      return { file, version, name, sql: readFileSync(join(directory, file), "utf8") };
    });
}

async function applyMigration(database: PGlite, { file, version, name, sql }: Migration): Promise<void> {
  try {
    await database.transaction(async (transaction) => {
      await transaction.exec(sql);
      // A `set` or `set role` of the file must not outlive it: there is but one session, and every request uses it.
      await transaction.exec("reset role; reset all;");
      await transaction.query(
        "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, array[$3])",
        [version, name, sql],
      );
    });
  } catch (cause) {
    throw new Error(`migration ${file} failed: ${describe(cause, sql)}`, { cause });
  }
}

function describe(error: unknown, sql: string): string {
  const { message, code, position } = error as { message?: string; code?: string; position?: string };
  const line = position === undefined ? "" : `, line ${sql.slice(0, Number(position)).split("\n").length}`;
  return `${message ?? String(error)} (SQLSTATE ${code ?? "unknown"}${line})`;
}
