import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { PGlite } from "@electric-sql/pglite";
import type { Caller } from "./caller.ts";
import type { Keys } from "./load-keys.ts";
import type { Exclusive } from "./run-exclusive.ts";
import type { FileStore } from "./storage-files.ts";

/** What every storage call works with. */
export interface StorageContext {
  database: PGlite;
  exclusive: Exclusive;
  files: FileStore;
  keys: Keys;
  maxFileBytes: number;
}

/** One storage call: `bucket` and `key` are decoded, `caller` throws when the call bears no valid token. */
export interface StorageCall {
  method: string;
  bucket: string;
  key: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Readable;
  caller: () => Caller;
}

export interface StorageAnswer {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  stream?: Readable;
}

export type StorageHandler = (context: StorageContext, call: StorageCall) => Promise<StorageAnswer>;
