import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { readCaller } from "./caller.ts";
import { logError } from "./log.ts";
import { createBucket, deleteBucket, emptyBucket, getBucket, listBuckets, updateBucket } from "./storage-buckets.ts";
import type { StorageAnswer, StorageCall, StorageContext, StorageHandler } from "./storage-context.ts";
import {
  describeObject,
  describePublic,
  downloadAuthenticated,
  downloadObject,
  downloadPublic,
} from "./storage-download.ts";
import { isStorageError, storageError } from "./storage-error.ts";
import { listObjects, listObjectsV2 } from "./storage-list.ts";
import { copyObject, moveObject, removeObject, removeObjects } from "./storage-objects.ts";
import { downloadSigned, signUploadUrl, signUrl, signUrls, uploadSigned } from "./storage-sign.ts";
import { updateObject, uploadObject } from "./storage-upload.ts";

/** `:bucket` is one segment, `*` the rest. The first that matches answers, so the special stands before the general. */
const routes: [methods: string, path: string, handler: StorageHandler][] = [
  ["POST", "bucket", createBucket],
  ["GET", "bucket", listBuckets],
  ["POST", "bucket/:bucket/empty", emptyBucket],
  ["GET", "bucket/:bucket", getBucket],
  ["PUT", "bucket/:bucket", updateBucket],
  ["DELETE", "bucket/:bucket", deleteBucket],
  ["POST", "object/list/:bucket", listObjects],
  ["POST", "object/list-v2/:bucket", listObjectsV2],
  ["POST", "object/copy", copyObject],
  ["POST", "object/move", moveObject],
  ["POST", "object/upload/sign/:bucket/*", signUploadUrl],
  ["PUT", "object/upload/sign/:bucket/*", uploadSigned],
  ["POST", "object/sign/:bucket", signUrls],
  ["POST", "object/sign/:bucket/*", signUrl],
  ["GET HEAD", "object/sign/:bucket/*", downloadSigned],
  ["GET", "object/info/public/:bucket/*", describePublic],
  ["GET", "object/info/authenticated/:bucket/*", describeObject],
  ["GET", "object/info/:bucket/*", describeObject],
  ["GET HEAD", "object/public/:bucket/*", downloadPublic],
  ["GET HEAD", "object/authenticated/:bucket/*", downloadAuthenticated],
  ["GET HEAD", "object/:bucket/*", downloadObject],
  ["POST", "object/:bucket/*", uploadObject],
  ["PUT", "object/:bucket/*", updateObject],
  ["DELETE", "object/:bucket", removeObjects],
  ["DELETE", "object/:bucket/*", removeObject],
];

const table = routes.map(([methods, path, handler]) => ({
  methods: methods.split(" "),
  pattern: new RegExp(`^${path.replace(":bucket", "(?<bucket>[^/]+)").replace("*", "(?<key>.+)")}$`, "s"),
  handler,
}));

/** Answers a request whose path is under /storage/v1. */
export async function answerStorage(
  context: StorageContext,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  let answer: StorageAnswer;
  try {
    answer = await dispatch(context, request, url);
  } catch (error) {
    if (!isStorageError(error)) logError("storage", error);
    const { httpStatus, body } = isStorageError(error) ? error : storageError("InternalError");
    answer = { status: httpStatus, json: body };
  }
  await send(request, response, answer);
}

async function dispatch(context: StorageContext, request: IncomingMessage, url: URL): Promise<StorageAnswer> {
  const method = request.method ?? "GET";
  const path = url.pathname.replace(/^\/storage\/v1\//, "");
  for (const { methods, pattern, handler } of table) {
    const match = methods.includes(method) ? pattern.exec(path) : null;
    if (!match) continue;
    const call: StorageCall = {
      method,
      bucket: decode(match.groups?.bucket ?? ""),
      key: decode(match.groups?.key ?? ""),
      query: url.searchParams,
      headers: request.headers,
      body: request,
      caller: () => readCaller(context.keys, request.headers),
    };
    return handler(context, call);
  }
  throw storageError("RouteNotFound", `Route ${method}:/${path} not found`);
}

async function send(request: IncomingMessage, response: ServerResponse, answer: StorageAnswer): Promise<void> {
  const { status = 200, headers = {}, json, stream } = answer;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Whoever still sends a body that nobody wants must be heard out: many clients only then read the answer.
  if (!request.readableEnded) request.resume();
  if (stream) {
    response.writeHead(status);
    // A reader who goes away in the middle is no error of ours.
    await pipeline(stream, response).catch(() => response.destroy());
    return;
  }
  if (json === undefined) {
    response.writeHead(status).end();
    return;
  }
  const body = Buffer.from(JSON.stringify(json));
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "content-length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw storageError("InvalidKey", `Invalid key: ${text}`, cause);
  }
}
