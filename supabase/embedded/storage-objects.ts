import { randomUUID } from "node:crypto";
import { readJson } from "./read-json.ts";
import type { StorageAnswer, StorageCall, StorageContext } from "./storage-context.ts";
import { asCaller, asOwner, findBucket, findObject, type ObjectRow, probe } from "./storage-database.ts";
import { storageError } from "./storage-error.ts";
import { checkKey, keepObject, type NewObject, probeWrite } from "./storage-upload.ts";

interface Transfer {
  bucketId?: string;
  sourceKey?: string;
  destinationBucket?: string;
  destinationKey?: string;
  copyMetadata?: boolean;
  metadata?: { cacheControl?: string; mimetype?: string };
}

/** DELETE /object/{bucket}: answers the objects that were there and that the caller may delete. */
export async function removeObjects(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const { prefixes } = await readJson<{ prefixes?: (string | { path?: string })[] }>(call.body);
  if (!Array.isArray(prefixes) || prefixes.length === 0) {
    throw storageError("InvalidRequest", "body must have required property 'prefixes'");
  }
  const names = prefixes.map((entry) => (typeof entry === "string" ? entry : (entry.path ?? "")));
  const rows = await asCaller(context, caller, async (transaction) => {
    const deleted = await transaction.query<ObjectRow>(
      "delete from storage.objects where bucket_id = $1 and name = any ($2) returning *",
      [call.bucket, names],
    );
    return deleted.rows;
  });
  await context.files.remove(rows.map((row) => row.version));
  return { json: rows };
}

/** DELETE /object/{bucket}/{key} */
export async function removeObject(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const object = await asOwner(context, (transaction) => findObject(transaction, call.bucket, call.key));
  const deleted = await asCaller(context, caller, (transaction) =>
    transaction.query("delete from storage.objects where id = $1", [object.id]),
  );
  if (!deleted.affectedRows) throw storageError("AccessDenied");
  await context.files.remove([object.version]);
  return { json: { message: "Successfully deleted" } };
}

/** POST /object/copy */
export async function copyObject(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const body = await readJson<Transfer>(call.body);
  const { bucket, sourceKey, toBucket, toKey } = endsOf(body);
  const source = await asCaller(context, caller, (transaction) => findObject(transaction, bucket, sourceKey));
  const keepMetadata = body.copyMetadata ?? true;
  const target: NewObject = {
    bucket: toBucket,
    key: toKey,
    version: randomUUID(),
    owner: caller.subject,
    metadata: { ...source.metadata, ...(keepMetadata ? {} : body.metadata), lastModified: new Date().toISOString() },
    userMetadata: keepMetadata ? source.user_metadata : null,
    overwrite: call.headers["x-upsert"] === "true",
  };
  await probeWrite(context, caller, target);
  await context.files.copy(source.version, target.version);
  return { json: { Id: await keepObject(context, target), Key: `${toBucket}/${toKey}` } };
}

/** POST /object/move: the file keeps its version, so only the row changes. */
export async function moveObject(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const { bucket, sourceKey, toBucket, toKey } = endsOf(await readJson<Transfer>(call.body));
  const rename = "update storage.objects set bucket_id = $2, name = $3 where id = $1";
  const source = await asCaller(context, caller, (transaction) => findObject(transaction, bucket, sourceKey));
  await asOwner(context, (transaction) => findBucket(transaction, toBucket));
  await probe(context, caller, async (transaction) => {
    const { affectedRows } = await transaction.query(rename, [source.id, toBucket, toKey]);
    if (!affectedRows) throw storageError("AccessDenied", "new row violates row-level security policy");
  });
  await asOwner(context, (transaction) => transaction.query(rename, [source.id, toBucket, toKey]));
  return { json: { message: "Successfully moved", Id: source.id, Key: toKey } };
}

function endsOf({ bucketId, sourceKey, destinationBucket, destinationKey }: Transfer) {
  if (!bucketId || !sourceKey || !destinationKey) {
    throw storageError(
      "InvalidRequest",
      "body must have required properties 'bucketId', 'sourceKey', 'destinationKey'",
    );
  }
  checkKey(destinationKey);
  return { bucket: bucketId, sourceKey, toBucket: destinationBucket ?? bucketId, toKey: destinationKey };
}
