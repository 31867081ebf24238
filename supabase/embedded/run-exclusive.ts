/** Runs tasks one after another, in the order of the calls. */
export interface Exclusive {
  <T>(task: () => Promise<T>): Promise<T>;
  /** Resolves once every task that was asked for so far has ended. */
  idle(): Promise<void>;
}

/**
 * The one session of PGlite must never serve two requests at a time: a transaction is plain BEGIN and COMMIT on it, so the
 * statements of a second request would run inside the first one's, as the first one's user.
 */
export function createExclusive(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  const run = <T>(task: () => Promise<T>): Promise<T> => {
    const current = last.then(task);
    last = current.catch(() => undefined);
    return current;
  };
  return Object.assign(run, { idle: async () => void (await last) });
}
