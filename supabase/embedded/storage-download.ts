import type { FileHandle } from "node:fs/promises";
import { readCallerOrNobody } from "./caller.ts";
import type { StorageAnswer, StorageCall, StorageContext } from "./storage-context.ts";
import { asOwner, become, findBucket, findObject, type ObjectRow } from "./storage-database.ts";
import { storageError } from "./storage-error.ts";

/** GET and HEAD /object/{bucket}/{key}: a public bucket gives to all, any other as its policies say. */
export async function downloadObject(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  return answerFile(context, call, await findReadable(context, call));
}

/** GET /object/authenticated/{bucket}/{key} */
export async function downloadAuthenticated(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  call.caller();
  return downloadObject(context, call);
}

/** GET and HEAD /object/public/{bucket}/{key} */
export async function downloadPublic(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  return answerFile(context, call, await findPublic(context, call));
}

/** GET /object/info/{bucket}/{key} */
export async function describeObject(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  return { json: toInfo(await findReadable(context, call)) };
}

/** GET /object/info/public/{bucket}/{key} */
export async function describePublic(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  return { json: toInfo(await findPublic(context, call)) };
}

async function findReadable(context: StorageContext, call: StorageCall): Promise<ObjectRow> {
  const caller = readCallerOrNobody(context.keys, call.headers);
  return asOwner(context, async (transaction) => {
    const bucket = await findBucket(transaction, call.bucket);
    if (!bucket.public) {
      if (!caller) throw storageError("NoSuchBucket");
      await become(transaction, caller);
    }
    return findObject(transaction, call.bucket, call.key);
  });
}

async function findPublic(context: StorageContext, call: StorageCall): Promise<ObjectRow> {
  return asOwner(context, async (transaction) => {
    const bucket = await findBucket(transaction, call.bucket);
    if (!bucket.public) throw storageError("NoSuchBucket");
    return findObject(transaction, call.bucket, call.key);
  });
}

function toInfo(object: ObjectRow) {
  const { id, name, version, bucket_id, metadata, user_metadata, updated_at, created_at } = object;
  return {
    ...{ id, name, version, bucket_id, created_at },
    size: metadata.size,
    content_type: metadata.mimetype,
    cache_control: metadata.cacheControl,
    etag: metadata.eTag,
    metadata: user_metadata,
    last_modified: updated_at,
  };
}

/** Answers the file, or the part of it that `Range` asks for. `headers` come on top of the object's own. */
export async function answerFile(
  context: StorageContext,
  call: StorageCall,
  object: ObjectRow,
  headers: Record<string, string> = {},
): Promise<StorageAnswer> {
  const { metadata } = object;
  const all = {
    "accept-ranges": "bytes",
    // A page from here would run as one of the API's own origin.
    "content-type": metadata.mimetype.includes("text/html") ? "text/plain" : metadata.mimetype,
    etag: metadata.eTag,
    "cache-control": metadata.cacheControl,
    "last-modified": new Date(metadata.lastModified).toUTCString(),
    "x-robots-tag": "none",
    ...disposition(call.query.get("download")),
    ...headers,
  };
  if (call.headers["if-none-match"] === metadata.eTag) return { status: 304, headers: all };
  const file = await openFile(context, object);
  const range = parseRange(call.headers.range, metadata.size);
  if (range === "unsatisfiable") {
    await file.close();
    return {
      status: 416,
      headers: { "content-range": `bytes */${metadata.size}` },
      json: storageError("InvalidRange").body,
    };
  }
  const { start, end } = range ?? { start: 0, end: metadata.size - 1 };
  const partial = range ? { "content-range": `bytes ${start}-${end}/${metadata.size}` } : {};
  const answer = {
    status: range ? 206 : 200,
    headers: { ...all, ...partial, "content-length": String(end - start + 1) },
  };
  if (call.method === "HEAD" || metadata.size === 0) {
    await file.close();
    return answer;
  }
  return { ...answer, stream: file.createReadStream({ start, end }) };
}

async function openFile(context: StorageContext, object: ObjectRow): Promise<FileHandle> {
  try {
    return await context.files.open(object.version);
  } catch {
    // An upload replaced the version after its row was read: the row has the new one by now.
    const { version } = await asOwner(context, (transaction) => findObject(transaction, object.bucket_id, object.name));
    return context.files.open(version);
  }
}

function disposition(download: string | null): Record<string, string> {
  if (download === null) return {};
  if (download === "") return { "content-disposition": "attachment;" };
  const name = encodeURIComponent(download);
  return { "content-disposition": `attachment; filename=${name}; filename*=UTF-8''${name}` };
}

function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start > end ? "unsatisfiable" : { start, end };
}
