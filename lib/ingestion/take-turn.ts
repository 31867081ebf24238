import { setTimeout as wait } from "node:timers/promises";
import PQueue from "p-queue";

/**
 * Calls of all documents: the next one is on its way while one is worked on, so more would only be longer in line, and everybody else's
 * small calls with them (with 16 documents in work these take a third longer, measured on PGlite).
 */
const queue = new PQueue({ concurrency: 2 });
/** A call that takes longer, in milliseconds, keeps no place. */
const longestTurnMs = 1000;

/**
 * Makes a call to the database when it is its turn among those of all documents; one that hangs is left behind. Calls of one row go before
 * those that store passages, so that a small document does not stand behind a long one.
 */
export async function takeTurn<T>(call: () => PromiseLike<T>, { isSmall = false } = {}): Promise<T> {
  const { answer } = await queue.add(
    async () => {
      const answer = Promise.resolve(call());
      await Promise.race([answer.catch(() => undefined), wait(longestTurnMs, undefined, { ref: false })]);
      return { answer };
    },
    { priority: isSmall ? 1 : 0 },
  );
  return await answer;
}
