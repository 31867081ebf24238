import { readJson } from "./read-json.ts";
import type { StorageAnswer, StorageCall, StorageContext } from "./storage-context.ts";
import { asCaller, asOwner, findBucket } from "./storage-database.ts";
import { storageError } from "./storage-error.ts";

interface BucketBody {
  id: string;
  name: string;
  public: boolean;
  file_size_limit: number | string | null;
  allowed_mime_types: string[] | null;
}

const columns = `id, name, coalesce(owner_id, '') as owner, public, type, file_size_limit, allowed_mime_types, created_at,
  updated_at`;

/** POST /bucket */
export async function createBucket(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const body = await readJson<BucketBody>(call.body);
  const name = body.name ?? body.id ?? "";
  if (!/^[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,100}$/.test(name) || name.trim() !== name)
    throw storageError("InvalidBucketName");
  try {
    await asCaller(context, caller, (transaction) =>
      transaction.query(
        `insert into storage.buckets (id, name, public, owner_id, file_size_limit, allowed_mime_types)
         values ($1, $2, $3, $4, $5, $6)`,
        [
          ...[body.id ?? name, name, body.public ?? false, caller.subject ?? null],
          ...[parseLimit(body.file_size_limit, context), parseMediaTypes(body.allowed_mime_types)],
        ],
      ),
    );
  } catch (error) {
    const taken = (error as { body?: { code?: string } }).body?.code === "KeyAlreadyExists";
    throw taken ? storageError("BucketAlreadyExists", undefined, error) : error;
  }
  return { json: { name } };
}

/** GET /bucket */
export async function listBuckets(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const { query } = call;
  const sortColumn = query.get("sortColumn") ?? "id";
  if (!["id", "name", "created_at", "updated_at"].includes(sortColumn)) throw storageError("InvalidRequest");
  const order = query.get("sortOrder") === "desc" ? "desc" : "asc";
  const rows = await asCaller(context, caller, async (transaction) => {
    const found = await transaction.query(
      `select ${columns} from storage.buckets where strpos(lower(name), lower($1)) > 0
       order by ${sortColumn} ${order} limit $2 offset $3`,
      [query.get("search") ?? "", query.get("limit"), query.get("offset") ?? 0],
    );
    return found.rows;
  });
  return { json: rows };
}

/** GET /bucket/{bucket} */
export async function getBucket(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const rows = await asCaller(context, call.caller(), async (transaction) => {
    const found = await transaction.query(`select ${columns} from storage.buckets where id = $1`, [call.bucket]);
    return found.rows;
  });
  if (!rows[0]) throw storageError("NoSuchBucket");
  return { json: rows[0] };
}

/** PUT /bucket/{bucket}: what is not given stays. */
export async function updateBucket(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const body = await readJson<BucketBody>(call.body);
  const changes: [string, unknown][] = [];
  if (body.public !== undefined) changes.push(["public", body.public]);
  if (body.file_size_limit !== undefined) changes.push(["file_size_limit", parseLimit(body.file_size_limit, context)]);
  if (body.allowed_mime_types !== undefined) {
    changes.push(["allowed_mime_types", parseMediaTypes(body.allowed_mime_types)]);
  }
  if (changes.length === 0) throw storageError("InvalidRequest", "No content provided");
  const assignments = changes.map(([column], index) => `${column} = $${index + 2}`).join(", ");
  const { affectedRows } = await asCaller(context, caller, (transaction) =>
    transaction.query(`update storage.buckets set ${assignments}, updated_at = now() where id = $1`, [
      call.bucket,
      ...changes.map(([, value]) => value),
    ]),
  );
  if (!affectedRows) throw storageError("NoSuchBucket");
  return { json: { message: "Successfully updated" } };
}

/** POST /bucket/{bucket}/empty. Here it is done when this answers; hosted does it in the background. */
export async function emptyBucket(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  await asCaller(context, caller, (transaction) => findBucket(transaction, call.bucket));
  const versions = await asCaller(context, caller, async (transaction) => {
    const deleted = await transaction.query<{ version: string }>(
      "delete from storage.objects where bucket_id = $1 returning version",
      [call.bucket],
    );
    return deleted.rows.map((row) => row.version);
  });
  await context.files.remove(versions);
  return { json: { message: "Empty bucket has been queued. Completion may take up to an hour." } };
}

/** DELETE /bucket/{bucket} */
export async function deleteBucket(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  await asOwner(context, async (transaction) => {
    await findBucket(transaction, call.bucket);
    const { rows } = await transaction.query("select 1 from storage.objects where bucket_id = $1 limit 1", [
      call.bucket,
    ]);
    if (rows.length > 0) throw storageError("ResourceNotEmpty");
  });
  const { affectedRows } = await asCaller(context, caller, (transaction) =>
    transaction.query("delete from storage.buckets where id = $1", [call.bucket]),
  );
  if (!affectedRows) throw storageError("NoSuchBucket");
  return { json: { message: "Successfully deleted" } };
}

function parseLimit(limit: number | string | null | undefined, context: StorageContext): number | null {
  if (limit === null || limit === undefined) return null;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(gb|mb|kb|b)?$/i.exec(String(limit)) ?? [];
  if (amount === undefined || (typeof limit === "string" && unit === undefined)) {
    throw storageError("InvalidRequest", "Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B");
  }
  const factor = { gb: 1e9, mb: 1e6, kb: 1e3, b: 1 }[(unit ?? "b").toLowerCase()] ?? 1;
  const bytes = Math.floor(Number(amount) * factor);
  if (bytes > context.maxFileBytes) throw storageError("EntityTooLarge");
  return bytes;
}

function parseMediaTypes(types: string[] | null | undefined): string[] | null {
  if (!types) return null;
  const wrong = types.find((type) => !/^[a-z0-9.+-]+\/([a-z0-9.+-]+(;\s*charset=[a-z0-9-]+)?|\*)$/i.test(type));
  if (wrong !== undefined) throw storageError("InvalidMimeType", `mime type ${wrong} is not supported`);
  return types;
}
