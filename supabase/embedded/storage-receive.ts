import { createHash } from "node:crypto";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { piecesOf } from "./pieces-of.ts";
import { type FilePart, readMultipart } from "./read-multipart.ts";
import type { StorageCall } from "./storage-context.ts";
import type { FileMetadata } from "./storage-database.ts";
import { isStorageError, storageError } from "./storage-error.ts";
import type { FileStore } from "./storage-files.ts";

export interface Limits {
  maxBytes: number;
  /** Empty: any. */
  mediaTypes: string[];
}

export interface Received {
  metadata: FileMetadata;
  userMetadata: Record<string, unknown>;
}

/**
 * Writes the file of a request to the draft of a version, piece by piece. Throws, leaving no draft, when the file is larger
 * than allowed, of a type that is not, or cut off.
 */
export async function receiveFile(
  call: StorageCall,
  files: FileStore,
  version: string,
  limits: Limits,
): Promise<Received> {
  const draft = files.draft(version);
  // Without a listener an error of the disk would end the process; it is read from the stream below.
  draft.on("error", () => undefined);
  const hash = createHash("md5");
  let size = 0;
  const write = async (bytes: Buffer) => {
    size += bytes.length;
    if (size > limits.maxBytes) throw storageError("EntityTooLarge");
    if (draft.errored) throw draft.errored;
    hash.update(bytes);
    if (!draft.write(bytes)) await once(draft, "drain");
  };
  try {
    const head = await readBody(call, limits, write);
    draft.end();
    await finished(draft);
    return { metadata: describe(head, size, hash.digest("hex")), userMetadata: head.userMetadata };
  } catch (error) {
    draft.destroy();
    await files.discard(version);
    throw isStorageError(error) ? error : storageError("InvalidRequest", "No content provided", error);
  }
}

interface Head {
  mediaType: string;
  cacheControl: string;
  userMetadata: Record<string, unknown>;
}

async function readBody(call: StorageCall, limits: Limits, write: (bytes: Buffer) => Promise<void>): Promise<Head> {
  const contentType = call.headers["content-type"] ?? "application/octet-stream";
  if (contentType.startsWith("multipart/form-data")) return readForm(call, contentType, limits, write);
  checkMediaType(contentType, limits);
  if (Number(call.headers["content-length"] ?? 0) > limits.maxBytes) throw storageError("EntityTooLarge");
  for await (const bytes of piecesOf(call.body)) await write(bytes);
  const encoded = call.headers["x-metadata"];
  return {
    mediaType: contentType,
    cacheControl: call.headers["cache-control"] ?? "no-cache",
    userMetadata: typeof encoded === "string" ? parseMetadata(Buffer.from(encoded, "base64").toString("utf8")) : {},
  };
}

async function readForm(
  call: StorageCall,
  contentType: string,
  limits: Limits,
  write: (bytes: Buffer) => Promise<void>,
): Promise<Head> {
  const fields = new Map<string, string>();
  let file: FilePart | undefined;
  await readMultipart(call.body, contentType, {
    field: (name, value) => fields.set(name, value),
    file: async (part) => {
      if (file) throw storageError("InvalidRequest", "Only one file can be uploaded at a time");
      file = part;
      checkMediaType(fields.get("contentType") ?? part.contentType, limits);
      return write;
    },
  });
  if (!file) throw storageError("InvalidRequest", "No content provided");
  const seconds = fields.get("cacheControl");
  return {
    mediaType: fields.get("contentType") ?? file.contentType,
    cacheControl: seconds ? `max-age=${seconds}` : "no-cache",
    userMetadata: parseMetadata(fields.get("metadata") ?? fields.get("userMetadata") ?? "{}"),
  };
}

/** As storage-api compares: parameters are part of the subtype, so `text/plain;charset=UTF-8` is not `text/plain`. */
function checkMediaType(mediaType: string, { mediaTypes }: Limits): void {
  const [type, subtype] = mediaType.split("/");
  const allowed =
    mediaTypes.length === 0 || mediaTypes.some((one) => one === mediaType || one === `${type}/*` || one === "*/*");
  if (!subtype || !allowed) throw storageError("InvalidMimeType", `mime type ${mediaType} is not supported`);
}

function parseMetadata(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // storage-api takes the file and forgets metadata that is no JSON.
    return {};
  }
}

function describe(head: Head, size: number, md5: string): FileMetadata {
  return {
    eTag: `"${md5}"`,
    size,
    mimetype: head.mediaType,
    cacheControl: head.cacheControl,
    lastModified: new Date().toISOString(),
    contentLength: size,
    httpStatusCode: 200,
  };
}
