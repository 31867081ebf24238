import { randomUUID } from "node:crypto";
import type { Transaction } from "@electric-sql/pglite";
import type { Caller } from "./caller.ts";
import type { StorageAnswer, StorageCall, StorageContext } from "./storage-context.ts";
import { asOwner, type BucketRow, become, type FileMetadata, findBucket } from "./storage-database.ts";
import { storageError } from "./storage-error.ts";
import { type Limits, receiveFile } from "./storage-receive.ts";

/** A row to be: `overwrite` says whether one of the same name may be there. */
export interface NewObject {
  bucket: string;
  key: string;
  version: string;
  owner: string | undefined;
  metadata: FileMetadata | Record<string, never>;
  userMetadata: Record<string, unknown> | null;
  overwrite: boolean;
}

/** POST /object/{bucket}/{key} */
export async function uploadObject(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  return receiveAs(context, call, call.caller(), call.headers["x-upsert"] === "true");
}

/** PUT /object/{bucket}/{key} */
export async function updateObject(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  return receiveAs(context, call, call.caller(), true);
}

async function receiveAs(
  context: StorageContext,
  call: StorageCall,
  caller: Caller,
  overwrite: boolean,
): Promise<StorageAnswer> {
  checkKey(call.key);
  const bucket = await probeWrite(context, caller, { ...nothingYet(call), owner: caller.subject, overwrite });
  return store(context, call, bucket, caller.subject, overwrite);
}

/** Receives the file and makes it the object's, whoever asked for it; the caller was checked before. */
export async function store(
  context: StorageContext,
  call: StorageCall,
  bucket: BucketRow,
  owner: string | undefined,
  overwrite: boolean,
): Promise<StorageAnswer> {
  const version = randomUUID();
  const { metadata, userMetadata } = await receiveFile(
    call,
    context.files,
    version,
    limitsOf(context, bucket, call.key),
  );
  const { bucket: bucketId, key } = call;
  await context.files.commit(version);
  const id = await keepObject(context, { bucket: bucketId, key, version, owner, metadata, userMetadata, overwrite });
  return { json: { Id: id, Key: `${bucketId}/${key}` } };
}

/**
 * Writes the row of an object whose file is in place, and answers its id; the file that it replaces goes, and on failure the
 * file itself. Throws `KeyAlreadyExists`.
 */
export async function keepObject(context: StorageContext, object: NewObject): Promise<string> {
  try {
    const { id, replaced } = await asOwner(context, (transaction) => writeObject(transaction, object));
    if (replaced !== undefined) await context.files.remove([replaced]);
    return id;
  } catch (error) {
    await context.files.remove([object.version]);
    throw error;
  }
}

async function writeObject(
  transaction: Transaction,
  object: NewObject,
): Promise<{ id: string; replaced: string | undefined }> {
  // All parts of a statement see the table as it was before it.
  const replaced = "select version from storage.objects where bucket_id = $1 and name = $2";
  const { rows } = await transaction.query<{ id: string; replaced: string | null }>(
    `with written as (${insertSql(object)}) select id, (${replaced}) as replaced from written`,
    valuesOf(object),
  );
  if (!rows[0]) throw storageError("InternalError");
  return { id: rows[0].id, replaced: rows[0].replaced ?? undefined };
}

/** Answers with the bucket. Throws `NoSuchBucket`, and what the write would throw if the caller made it by hand, policies included. */
export async function probeWrite(context: StorageContext, caller: Caller, object: NewObject): Promise<BucketRow> {
  return await asOwner(context, async (transaction) => {
    const bucket = await findBucket(transaction, object.bucket);
    // No policy applies to the service; a name that is taken is told when the row is written.
    if (caller.role === "service_role") return bucket;
    await become(transaction, caller);
    await transaction.query(insertSql(object), valuesOf(object));
    await transaction.rollback();
    return bucket;
  });
}

function insertSql({ overwrite }: NewObject): string {
  const onConflict = overwrite
    ? `on conflict (bucket_id, name) do update set version = excluded.version, owner = excluded.owner,
         owner_id = excluded.owner_id, metadata = excluded.metadata, user_metadata = excluded.user_metadata`
    : "";
  return `insert into storage.objects (bucket_id, name, version, owner, owner_id, metadata, user_metadata)
    values ($1, $2, $3, $4, $5, $6, $7) ${onConflict} returning id`;
}

function valuesOf({ bucket, key, version, owner, metadata, userMetadata }: NewObject) {
  return [bucket, key, version, isUuid(owner) ? owner : null, owner ?? null, metadata, userMetadata];
}

/** The row of an object whose file is still to come, as policies get to see it. */
export function nothingYet(call: StorageCall): Omit<NewObject, "owner" | "overwrite"> {
  return { bucket: call.bucket, key: call.key, version: "1", metadata: {}, userMetadata: {} };
}

/** Throws `InvalidKey` for what S3 and so hosted storage would not take: most of all, anything but ASCII. */
export function checkKey(key: string): void {
  if (!/^[A-Za-z0-9_/!.*'() &$=@;:+,?-]{1,1024}$/.test(key)) throw storageError("InvalidKey", `Invalid key: ${key}`);
}

function limitsOf(context: StorageContext, bucket: BucketRow, key: string): Limits {
  // The marker of an empty folder is of no type and has no bytes.
  if (key.endsWith(".emptyFolderPlaceholder")) return { maxBytes: 0, mediaTypes: [] };
  return {
    maxBytes: Math.min(Number(bucket.file_size_limit ?? context.maxFileBytes), context.maxFileBytes),
    mediaTypes: bucket.allowed_mime_types ?? [],
  };
}

function isUuid(text: string | undefined): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text ?? "");
}
