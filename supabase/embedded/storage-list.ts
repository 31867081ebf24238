import { readJson } from "./read-json.ts";
import type { StorageAnswer, StorageCall, StorageContext } from "./storage-context.ts";
import { asCaller } from "./storage-database.ts";
import { storageError } from "./storage-error.ts";

interface ListBody {
  prefix: string;
  limit: number;
  offset: number;
  search: string;
  sortBy: { column?: string; order?: string };
}

interface ListV2Body {
  prefix: string;
  limit: number;
  cursor: string;
  with_delimiter: boolean;
  sortBy: { column?: string; order?: string };
}

interface Entry {
  name: string;
  id: string | null;
  sort_key: string;
}

/** POST /object/list/{bucket}: files and folders of one folder, named relative to it. */
export async function listObjects(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const body = await readJson<ListBody>(call.body);
  const folder = body.prefix ? body.prefix.replace(/\/*$/, "/") : "";
  const { column, order } = readSort(body.sortBy, ["name", "updated_at", "created_at", "last_accessed_at"]);
  // By name, folders stand among the files; by a date, which they have not, before them.
  const sort =
    column === "name"
      ? `lower(name) collate "C" ${order}`
      : `id is not null, ${column} ${order}, name collate "C" ${order}`;
  const rows = await asCaller(context, caller, async (transaction) => {
    const found = await transaction.query(
      `with matching as (
         select string_to_array(substr(name, length($2) + 1), '/') as parts, id, updated_at, created_at, last_accessed_at,
                metadata
         from storage.objects where bucket_id = $1 and starts_with(lower(name), lower($2 || $3))
       ), entries as (
         select array_to_string(parts[1:$4], '/') as name, null::uuid as id, null::timestamptz as updated_at,
                null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata
         from matching where array_length(parts, 1) > $4 group by 1
         union all
         select array_to_string(parts, '/'), id, updated_at, created_at, last_accessed_at, metadata
         from matching where array_length(parts, 1) = $4
       )
       select * from entries order by ${sort} limit $5 offset $6`,
      [
        ...[call.bucket, folder, body.search ?? "", (body.search ?? "").split("/").length],
        ...[readLimit(body.limit, 100), body.offset ?? 0],
      ],
    );
    return found.rows;
  });
  return { json: rows };
}

/** POST /object/list-v2/{bucket}: by full name, page by page; with `with_delimiter` what is deeper is one folder. */
export async function listObjectsV2(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const body = await readJson<ListV2Body>(call.body);
  const { column, order } = readSort(body.sortBy, ["name", "updated_at", "created_at"]);
  const limit = Math.min(readLimit(body.limit, 1000), 1000);
  const after = readCursor(body.cursor);
  // Dates sort as text of one length, so that one cursor serves every column.
  const key =
    column === "name" ? "''" : `to_char(coalesce(${column}, 'epoch') at time zone 'UTC', 'YYYYMMDDHH24MISSUS')`;
  const rows = await asCaller(context, caller, async (transaction) => {
    const found = await transaction.query<Entry>(
      `with matching as (
         select id, name, updated_at, created_at, last_accessed_at, metadata,
                strpos(substr(name, length($2) + 1), '/') as slash
         from storage.objects where bucket_id = $1 and starts_with(name, $2)
       ), entries as (
         select id, name, updated_at, created_at, last_accessed_at, metadata from matching where slash = 0 or not $3
         union all
         select null, substr(name, 1, length($2) + slash), null, null, null, null
         from matching where slash > 0 and $3 group by 2
       ), sorted as (select *, ${key} as sort_key from entries)
       select * from sorted
       where $4::text is null or (sort_key, name collate "C") ${order === "asc" ? ">" : "<"} ($4, $5 collate "C")
       order by sort_key ${order}, name collate "C" ${order} limit $6`,
      [call.bucket, body.prefix ?? "", body.with_delimiter === true, after?.[0] ?? null, after?.[1] ?? "", limit + 1],
    );
    return found.rows;
  });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const bare = page.map(({ sort_key: _, ...entry }) => entry);
  return {
    json: {
      hasNext: last !== undefined,
      ...(last && { nextCursor: writeCursor(last), nextCursorKey: last.name }),
      folders: bare.filter((entry) => entry.id === null).map(({ name }) => ({ id: null, name })),
      objects: bare.filter((entry) => entry.id !== null),
    },
  };
}

function readSort(sortBy: { column?: string; order?: string } | undefined, columns: string[]) {
  const column = sortBy?.column ?? "name";
  if (!columns.includes(column)) {
    throw storageError("InvalidRequest", "body/sortBy/column must be equal to one of the allowed values");
  }
  return { column, order: sortBy?.order === "desc" ? ("desc" as const) : ("asc" as const) };
}

function readLimit(limit: number | undefined, otherwise: number): number {
  if (limit === undefined) return otherwise;
  if (!Number.isInteger(limit) || limit < 1) throw storageError("InvalidRequest", "body/limit must be >= 1");
  return Math.min(limit, 1500);
}

function writeCursor(entry: Entry): string {
  return Buffer.from(JSON.stringify([entry.sort_key, entry.name])).toString("base64url");
}

function readCursor(cursor: string | undefined): [string, string] | undefined {
  if (!cursor) return undefined;
  try {
    const [key, name] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown[];
    if (typeof key === "string" && typeof name === "string") return [key, name];
  } catch (cause) {
    throw storageError("InvalidRequest", "Invalid cursor", cause);
  }
  throw storageError("InvalidRequest", "Invalid cursor");
}
