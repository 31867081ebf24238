import { PGlite } from "@electric-sql/pglite";
import { btree_gin } from "@electric-sql/pglite/contrib/btree_gin";
import { citext } from "@electric-sql/pglite/contrib/citext";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { uuid_ossp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { vector } from "@electric-sql/pglite-pgvector";
import { createPgliteConnection, type PgliteConnection } from "@supabase/lite/pglite";

/** Opens (or makes) the database in a directory, or one in memory when there is none. */
export async function openDatabase(directory: string | undefined): Promise<PgliteConnection> {
  const connection = await createPgliteConnection({
    ...(directory === undefined ? {} : { url: directory }),
    pgliteOptions: {
      extensions: { vector, pg_trgm, unaccent, uuid_ossp, citext, btree_gin },
      parsers: { 17: keepText, 1114: toIsoTimestamp, 1184: toIsoTimestamp },
      serializers: { 17: keepText },
      startParams: [
        ...PGlite.defaultStartParams,
        // A third of the memory of the default 128 MB, at no cost that could be measured on a gigabyte of data.
        ...["-c", "shared_buffers=16MB"],
        ...["-c", "max_wal_size=256MB"],
        // Deeper, the stack of JavaScript ends before that of PostgreSQL, which breaks the engine instead of the statement.
        ...["-c", "max_stack_depth=200kB"],
        // What hosted gives every role, so that extension types and operators resolve alike.
        ...["-c", 'search_path="$user",public,extensions'],
        ...["-c", "timezone=UTC"],
      ],
    },
  });
  await connection.driver.waitReady;
  return connection;
}

/** PostgREST gives `2026-11-23T15:11:38.243+00:00` where PostgreSQL's own text is `2026-11-23 15:11:38.243+00`. */
function toIsoTimestamp(text: string): string {
  return text.replace(
    /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d)?)?$/,
    (_, day, time, hours, minutes) =>
      hours === undefined ? `${day}T${time}` : `${day}T${time}${hours}${minutes ?? ":00"}`,
  );
}

function keepText(text: string): string {
  return text;
}
