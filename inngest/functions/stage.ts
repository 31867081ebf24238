import { NonRetriableError, RetryAfterError } from "inngest";
import { asFailure } from "#lib/errors.ts";
import { longestPauseMs } from "#lib/ingestion/step-limits.ts";

/** Runs a step's work and tells the engine what its failure means: try again, try again after a known wait, or stop. */
export function stage<T>(run: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await run();
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (!failure.retry) throw new NonRetriableError(failure.message, { cause: failure });
      if (failure.retryAfterMs) {
        throw new RetryAfterError(failure.message, Math.min(failure.retryAfterMs, longestPauseMs), { cause: failure });
      }
      throw failure;
    }
  };
}
