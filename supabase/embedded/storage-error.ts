interface Row {
  status: number;
  error?: string;
  message: string;
}

/** The codes of storage-api that this server gives (supabase/storage, src/internal/errors/codes.ts). */
const codes = {
  AccessDenied: { status: 403, error: "Unauthorized", message: "Access denied" },
  BucketAlreadyExists: { status: 409, error: "Duplicate", message: "The resource already exists" },
  EntityTooLarge: { status: 413, error: "Payload too large", message: "The object exceeded the maximum allowed size" },
  InternalError: { status: 500, error: "Internal", message: "Internal Server Error" },
  InvalidBucketName: { status: 400, error: "Invalid Input", message: "Bucket name invalid" },
  InvalidJWT: { status: 400, message: "Invalid JWT" },
  InvalidKey: { status: 400, message: "Invalid key" },
  InvalidMimeType: { status: 415, error: "invalid_mime_type", message: "mime type is not supported" },
  InvalidRange: { status: 416, error: "invalid_range", message: "invalid range provided" },
  InvalidRequest: { status: 400, message: "Invalid Request" },
  InvalidSignature: { status: 400, message: "Invalid signature" },
  KeyAlreadyExists: { status: 409, error: "Duplicate", message: "The resource already exists" },
  NoSuchBucket: { status: 404, error: "Bucket not found", message: "Bucket not found" },
  NoSuchKey: { status: 404, error: "not_found", message: "Object not found" },
  ResourceNotEmpty: { status: 409, message: "The bucket you tried to delete is not empty" },
  RouteNotFound: { status: 404, error: "Not Found", message: "Route not found" },
} as const satisfies Record<string, Row>;

export type StorageErrorCode = keyof typeof codes;

interface StorageErrorBody {
  statusCode: string;
  error: string;
  code: string;
  message: string;
}

/** An error that is meant for the caller. */
export interface StorageError extends Error {
  httpStatus: number;
  body: StorageErrorBody;
}

/** Makes the error of a code, with the code's own words unless others are given. */
export function storageError(code: StorageErrorCode, message?: string, cause?: unknown): StorageError {
  const row: Row = codes[code];
  const error = new Error(message ?? row.message, cause === undefined ? undefined : { cause });
  return Object.assign(error, {
    // storage-api says 400 to everything that is the caller's fault; the true status stands in the body only.
    httpStatus: code === "RouteNotFound" ? 404 : row.status === 500 ? 500 : 400,
    body: { statusCode: String(row.status), error: row.error ?? code, code, message: error.message },
  });
}

export function isStorageError(error: unknown): error is StorageError {
  return error instanceof Error && "httpStatus" in error && "body" in error;
}

/** Translates what PostgreSQL says when it refuses a storage row; anything else stays what it is. */
export function translateDatabaseError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "42501" && message?.includes("row-level security")) {
    return storageError("AccessDenied", "new row violates row-level security policy", error);
  }
  if (code === "42501") return storageError("AccessDenied", message, error);
  if (code === "23505") return storageError("KeyAlreadyExists", undefined, error);
  if (code === "23503") return storageError("InvalidRequest", "The related resource does not exist", error);
  return error;
}
