import type { Transaction } from "@electric-sql/pglite";
import type { Caller } from "./caller.ts";
import type { StorageContext } from "./storage-context.ts";
import { storageError, translateDatabaseError } from "./storage-error.ts";

/** Everything of an object that a call may need. Dates are ISO strings. */
export interface ObjectRow {
  id: string;
  bucket_id: string;
  name: string;
  version: string;
  owner_id: string | null;
  metadata: FileMetadata;
  user_metadata: Record<string, unknown> | null;
  created_at: string;
  updated_at: string;
  last_accessed_at: string;
}

export interface FileMetadata {
  eTag: string;
  size: number;
  mimetype: string;
  cacheControl: string;
  lastModified: string;
  contentLength: number;
  httpStatusCode: number;
}

export interface BucketRow {
  id: string;
  name: string;
  public: boolean;
  file_size_limit: number | null;
  allowed_mime_types: string[] | null;
}

/** Runs one transaction as the caller, under the policies that the migrations set. */
export function asCaller<T>(
  context: StorageContext,
  caller: Caller,
  run: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return asOwner(context, async (transaction) => {
    await become(transaction, caller);
    return run(transaction);
  });
}

/** Runs one transaction that no policy applies to. It may not delete, unless it becomes a caller. */
export async function asOwner<T>(context: StorageContext, run: (transaction: Transaction) => Promise<T>): Promise<T> {
  try {
    return await context.exclusive(() => context.database.transaction(run));
  } catch (error) {
    throw translateDatabaseError(error);
  }
}

/** What follows in the transaction is done by the caller, under the policies that the migrations set. */
export async function become(transaction: Transaction, caller: Caller): Promise<void> {
  await transaction.query(
    `select set_config('role', $1, true), set_config('request.jwt.claim.role', $1, true),
            set_config('request.jwt.claim.sub', $2, true), set_config('request.jwt.claims', $3, true),
            set_config('storage.allow_delete_query', 'true', true)`,
    [caller.role, caller.subject ?? "", JSON.stringify(caller.claims)],
  );
}

/** Runs as the caller what is to leave no trace: only whether it is refused matters. */
export async function probe(
  context: StorageContext,
  caller: Caller,
  run: (transaction: Transaction) => Promise<unknown>,
): Promise<void> {
  await asCaller(context, caller, async (transaction) => {
    await run(transaction);
    await transaction.rollback();
  });
}

/** Throws `NoSuchBucket`. */
export async function findBucket(transaction: Transaction, id: string): Promise<BucketRow> {
  const { rows } = await transaction.query<BucketRow>(
    "select id, name, public, file_size_limit, allowed_mime_types from storage.buckets where id = $1",
    [id],
  );
  if (!rows[0]) throw storageError("NoSuchBucket");
  return rows[0];
}

/** Throws `NoSuchKey`, also when the caller's policies hide the object. */
export async function findObject(transaction: Transaction, bucket: string, key: string): Promise<ObjectRow> {
  const { rows } = await transaction.query<ObjectRow>(
    "select * from storage.objects where bucket_id = $1 and name = $2",
    [bucket, key],
  );
  if (!rows[0]) throw storageError("NoSuchKey");
  return rows[0];
}
