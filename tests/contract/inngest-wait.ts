import { setTimeout as pause } from "node:timers/promises";

/** Asks until the answer is truthy; an error of the question counts as no. Throws, saying what was waited for. */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  deadlineMs = 30_000,
): Promise<Exclude<T, undefined | null | false>> {
  const until = Date.now() + deadlineMs;
  for (let last: unknown = "no"; ; ) {
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<T, undefined | null | false>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw new Error(`waited ${deadlineMs} ms for ${what}; last answer: ${String(last)}`);
    await pause(15);
  }
}
