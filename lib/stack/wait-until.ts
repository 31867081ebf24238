import { setTimeout as delay } from "node:timers/promises";

const pollMs = 100;

/** Asks until the answer is true; an error counts as "not yet". Throws `complaint`, with the last error, at the deadline. */
export async function waitUntil(complaint: string, deadlineMs: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      if (await ask()) return;
    } catch (thrown) {
      cause = thrown;
    }
    await delay(pollMs);
  }
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  throw new Error(`${complaint} after ${deadlineMs / 1000} seconds${reason}.`, { cause });
}
