import { Failure } from "#lib/errors.ts";

/** The failure behind a Storage error: `source_missing` for an object that is not there, else `storage_unavailable`. */
export function storageFailure(error: unknown): Failure {
  return new Failure(isMissing(error) ? "source_missing" : "storage_unavailable", { cause: error });
}

function isMissing(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { statusCode, status, message } = error as { statusCode?: unknown; status?: unknown; message?: unknown };
  return String(statusCode) === "404" || status === 404 || /not.?found/i.test(String(message));
}
