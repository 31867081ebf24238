import { readJson } from "./read-json.ts";
import { type Claims, signToken, verifyToken } from "./sign-token.ts";
import type { StorageAnswer, StorageCall, StorageContext } from "./storage-context.ts";
import { asCaller, asOwner, findBucket, findObject } from "./storage-database.ts";
import { answerFile } from "./storage-download.ts";
import { storageError } from "./storage-error.ts";
import { checkKey, nothingYet, probeWrite, store } from "./storage-upload.ts";

const uploadLifetimeSeconds = 2 * 60 * 60;

/** POST /object/sign/{bucket}/{key} */
export async function signUrl(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const seconds = lifetime(await readJson<{ expiresIn: unknown }>(call.body));
  await asCaller(context, caller, (transaction) => findObject(transaction, call.bucket, call.key));
  return { json: { signedURL: downloadPath(context, call.bucket, call.key, seconds) } };
}

/** POST /object/sign/{bucket}: an entry for every path, with an error where the caller sees no object. */
export async function signUrls(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const body = await readJson<{ expiresIn: unknown; paths: string[] }>(call.body);
  const seconds = lifetime(body);
  const paths = Array.isArray(body.paths) ? body.paths : [];
  if (paths.length === 0) throw storageError("InvalidRequest", "body must have required property 'paths'");
  const seen = await asCaller(context, caller, async (transaction) => {
    const { rows } = await transaction.query<{ name: string }>(
      "select name from storage.objects where bucket_id = $1 and name = any ($2)",
      [call.bucket, paths],
    );
    return new Set(rows.map((row) => row.name));
  });
  const missing = "Either the object does not exist or you do not have access to it";
  return {
    json: paths.map((path) =>
      seen.has(path)
        ? { error: null, path, signedURL: downloadPath(context, call.bucket, path, seconds) }
        : { error: missing, path, signedURL: null },
    ),
  };
}

/** GET /object/sign/{bucket}/{key}?token= */
export async function downloadSigned(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const claims = verify(context, call, "download");
  const object = await asOwner(context, (transaction) => findObject(transaction, call.bucket, call.key));
  return answerFile(context, call, object, { expires: new Date(Number(claims.exp) * 1000).toUTCString() });
}

/** POST /object/upload/sign/{bucket}/{key}: whoever may upload there may let another do it. */
export async function signUploadUrl(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const caller = call.caller();
  const overwrite = call.headers["x-upsert"] === "true";
  checkKey(call.key);
  await probeWrite(context, caller, { ...nothingYet(call), owner: caller.subject, overwrite });
  const url = `${call.bucket}/${call.key}`;
  const claims = { url, scope: "upload", upsert: overwrite, owner: caller.subject };
  const token = signToken(claims, context.keys.urlSecret, uploadLifetimeSeconds);
  return { json: { url: `/object/upload/sign/${url}?token=${token}`, token } };
}

/** PUT /object/upload/sign/{bucket}/{key}?token= */
export async function uploadSigned(context: StorageContext, call: StorageCall): Promise<StorageAnswer> {
  const { owner, upsert } = verify(context, call, "upload");
  const bucket = await asOwner(context, async (transaction) => {
    const found = await findBucket(transaction, call.bucket);
    const { rows } = await transaction.query("select 1 from storage.objects where bucket_id = $1 and name = $2", [
      call.bucket,
      call.key,
    ]);
    if (rows.length > 0 && !upsert) throw storageError("KeyAlreadyExists");
    return found;
  });
  const { json } = await store(context, call, bucket, typeof owner === "string" ? owner : undefined, upsert === true);
  return { json: { Key: (json as { Key: string }).Key } };
}

function downloadPath(context: StorageContext, bucket: string, key: string, seconds: number): string {
  const url = `${bucket}/${key}`;
  return `/object/sign/${url}?token=${signToken({ url, scope: "download" }, context.keys.urlSecret, seconds)}`;
}

function lifetime({ expiresIn }: { expiresIn?: unknown }): number {
  if (typeof expiresIn === "number" && Number.isInteger(expiresIn) && expiresIn > 0) return expiresIn;
  throw storageError("InvalidRequest", "body/expiresIn must be an integer >= 1");
}

function verify(context: StorageContext, call: StorageCall, scope: string): Claims {
  let claims: Claims;
  try {
    claims = verifyToken(call.query.get("token") ?? "", context.keys.urlSecret);
  } catch (cause) {
    throw storageError("InvalidJWT", cause instanceof Error ? cause.message : undefined, cause);
  }
  if (claims.scope !== scope) throw storageError("InvalidSignature", `Token is not scoped for ${scope}`);
  if (claims.url !== `${call.bucket}/${call.key}`) throw storageError("InvalidSignature");
  return claims;
}
