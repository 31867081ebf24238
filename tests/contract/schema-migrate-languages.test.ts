import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { applyMigrations } from "#supabase/embedded/apply-migrations.ts";
import { createBaseSchema } from "#supabase/embedded/create-base-schema.ts";
import { openDatabase } from "#supabase/embedded/open-database.ts";

const migrations = resolve(import.meta.dirname, "../../supabase/migrations");
const folder = mkdtempSync(join(tmpdir(), "knowledgebase-migrations-"));
const connection = await openDatabase(undefined);
const database = connection.driver;
afterAll(async () => {
  await connection.close();
  rmSync(folder, { recursive: true });
});

test("passages from before languages were told stay English, and those without blanks can be found from then on", async () => {
  cpSync(migrations, folder, {
    recursive: true,
    filter: (path) => !path.endsWith(".sql") || basename(path) < "20261125",
  });
  await createBaseSchema(database);
  await applyMigrations(database, folder);
  await database.exec(`
    insert into auth.users (id, email) values ('00000000-0000-4000-8000-000000000001', 'a@example.com');
    insert into public.documents (id, owner_id, title, file_name, media_type, size_bytes, sha256, storage_key)
      values ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 't', 'f', 'text/plain', 1, repeat('a', 64), 'k');
    insert into public.ingestion_jobs (id, document_id, owner_id, number, reason, event_id, settings)
      values ('00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 1, 'upload', 'e', '{}');
    insert into public.chunks (id, job_id, document_id, owner_id, ordinal, content, char_from, char_to, token_count, content_hash, embedding)
      select gen_random_uuid(), j.id, j.document_id, j.owner_id, n, text, 0, 1, 1, '', extensions.l2_normalize(array_fill(1, array[512])::extensions.vector)
      from public.ingestion_jobs j, (values (1, 'The committees were adopting it'), (2, '知识库')) as t (n, text)`);
  const read = async () =>
    (await database.query<{ fts: string }>("select fts::text from public.chunks order by ordinal")).rows.map(
      ({ fts }) => fts,
    );
  expect(await read()).toEqual(["'adopt':4 'committe':2", "'知识库':1"]);

  await applyMigrations(database, migrations);
  expect(await read()).toEqual(["'adopt':4 'committe':2", "'库':4 '知':1 '知识':2 '识库':3"]);
  const { rows } = await database.query(
    "select distinct c.text_config, j.text_config as of_job, j.language from public.chunks c join public.ingestion_jobs j on j.id = c.job_id",
  );
  expect(rows).toEqual([{ text_config: "english", of_job: "english", language: null }]);
});
