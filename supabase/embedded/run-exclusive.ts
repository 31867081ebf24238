import { setImmediate as turnOfLoop } from "node:timers/promises";
import { exitIfBroken } from "./watch-engine.ts";

/** Runs tasks one after another, in the order of the calls. */
export interface Exclusive {
  <T>(task: () => Promise<T>): Promise<T>;
  /**
   * The same for a task that takes long: what others have asked meanwhile goes first. While a task runs nothing is read from sockets, so
   * who came then stands in no line yet, and between two of these there is a turn of the event loop.
   */
  patiently<T>(task: () => Promise<T>): Promise<T>;
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
  let lastPatient: Promise<unknown> = Promise.resolve();
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
    patiently: async <T>(task: () => Promise<T>): Promise<T> => {
      const current = lastPatient.then(() => turnOfLoop()).then(() => run(task));
      lastPatient = current.catch(() => undefined);
      return current;
    },
    idle: async () => {
      await lastPatient;
      await last;
    },
    idleForMs: () => (waiting > 0 ? 0 : performance.now() - endedAt),
  });
}
