import type { Failure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";

/** Logs a failure under its code. What is wrong with a file or a request is its owner's to know: no error of the product, and no stack. */
export function logFailure(message: string, failure: Failure, fields: Record<string, unknown> = {}): void {
  const told = { ...fields, code: failure.code };
  if (failure.status < 500) log.info(message, told);
  else log.error(message, { ...told, cause: failure });
}
