import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyMigrations } from "./embedded/apply-migrations.ts";
import { createBaseSchema } from "./embedded/create-base-schema.ts";
import { openDatabase } from "./embedded/open-database.ts";
import { printTypes } from "./print-types.ts";
import { readCatalog } from "./read-catalog.ts";

const target = "lib/supabase/database.types.ts";
const path = join(import.meta.dirname, "..", target);

const connection = await openDatabase(undefined);
await createBaseSchema(connection.driver);
await applyMigrations(connection.driver, join(import.meta.dirname, "migrations"));
const types = printTypes(await readCatalog(connection.driver));
await connection.close();

if (process.argv.includes("--check")) {
  const same = existsSync(path) && readFileSync(path, "utf8") === types;
  console.log(same ? `${target} is up to date` : `${target} differs from the migrations: run npm run types`);
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(path, types);
  console.log(`wrote ${target}`);
}
