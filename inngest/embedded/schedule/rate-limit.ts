import { parseDuration } from "../protocol/durations.ts";
import type { EventBody, Fn } from "../protocol/types.ts";
import { takeArrival } from "../store/dedupe.ts";
import type { Store } from "../store/open-store.ts";
import { keyPart } from "./keys.ts";

/** Whether the event is to be dropped. An idempotency key is a rate of one in 24 hours and takes the place of the rate limit. */
export function isRateLimited(store: Store, fn: Fn, event: EventBody, nowMs: number): boolean {
  const { idempotency, rateLimit } = fn.config;
  const rate = idempotency ? { limit: 1, period: "24h", key: idempotency } : rateLimit;
  if (!rate) return false;
  const periodMs = parseDuration(rate.period) ?? 1000;
  const key = `rate\n${fn.id}\n${keyPart(rate.key, event)}`;
  return takeArrival(store, { key, limit: rate.limit, periodMs, burst: Math.floor(rate.limit / 10) }, nowMs) !== null;
}
