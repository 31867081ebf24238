import { NonRetriableError, RetryAfterError } from "inngest";
import { asFailure } from "#lib/errors.ts";

/** A service that asks for more may be back before that: then it is asked again, and may say so again. */
const longestWaitMs = 15 * 60_000;

/** Runs a step's work and tells the engine what its failure means: try again, try again after a known wait, or stop. */
export function stage<T>(run: () => Promise<T>): () => Promise<T> {
  return async () => {
    try {
      return await run();
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (!failure.retry) throw new NonRetriableError(failure.message, { cause: failure });
      if (failure.retryAfterMs) {
        throw new RetryAfterError(failure.message, Math.min(failure.retryAfterMs, longestWaitMs), { cause: failure });
      }
      throw failure;
    }
  };
}
