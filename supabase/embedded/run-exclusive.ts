import { exitIfBroken } from "./watch-engine.ts";

/** Runs tasks one after another, in the order of the calls. */
export interface Exclusive {
  <T>(task: () => Promise<T>): Promise<T>;
  /** Resolves once every task that was asked for so far has ended. */
  idle(): Promise<void>;
  /** For how long there has been nothing to do. */
  idleForMs(): number;
}

/**
 * The one session of PGlite must never serve two requests at a time: a transaction is plain BEGIN and COMMIT on it, so the
 * statements of a second request would run inside the first one's, as the first one's user.
 */
export function createExclusive(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let endedAt = performance.now();
  const run = async <T>(task: () => Promise<T>): Promise<T> => {
    waiting += 1;
    const current = last.then(task);
    last = current.catch(exitIfBroken).finally(() => {
      waiting -= 1;
      endedAt = performance.now();
    });
    return current;
  };
  return Object.assign(run, {
    idle: async () => void (await last),
    idleForMs: () => (waiting > 0 ? 0 : performance.now() - endedAt),
  });
}
