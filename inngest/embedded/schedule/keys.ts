import { evaluateKey } from "../expressions/evaluate.ts";
import type { EventBody, Fn, Limit } from "../protocol/types.ts";

/** The key under which a run's requests are counted for one of its function's limits. */
export function concurrencyKey(limit: Limit, fn: Fn, event: EventBody): string {
  const value = limit.key === undefined ? "" : evaluateKey(limit.key, { event });
  return limit.scope === undefined || limit.scope === "fn"
    ? `fn\n${fn.id}\n${limit.key ?? ""}\n${value}`
    : `${limit.scope}\n${value}`;
}

export function throttleKey(fn: Fn, event: EventBody): string | null {
  const { throttle } = fn.config;
  return throttle ? `throttle\n${fn.id}\n${keyPart(throttle.key, event)}` : null;
}

/** The value of a key expression; empty without one. */
export function keyPart(expression: string | undefined, event: EventBody): string {
  return expression === undefined ? "" : evaluateKey(expression, { event });
}
