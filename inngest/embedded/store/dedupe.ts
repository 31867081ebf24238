import type { Store } from "./open-store.ts";

/** Takes a key until a time; the id of the run that holds it when it is taken. */
export function takeKey(store: Store, key: string, runId: string, nowMs: number, untilMs: number): string | null {
  const held = store.get<{ run_id: string | null }>(
    "select run_id from dedupe where key = ? and until_at > ?",
    key,
    nowMs,
  );
  if (held) return held.run_id ?? "";
  store.run("insert or replace into dedupe (key, run_id, until_at) values (?, ?, ?)", key, runId, untilMs);
  return null;
}

export interface Rate {
  key: string;
  /** How many in one period. */
  limit: number;
  periodMs: number;
  /** How many more may come at once. */
  burst: number;
}

/** Asks a rate (GCRA) for one more arrival: null when it may come now, else the time at which it may. */
export function takeArrival(store: Store, { key, limit, periodMs, burst }: Rate, nowMs: number): number | null {
  const interval = periodMs / limit;
  const kept = store.get<{ at: number }>("select at from arrivals where key = ?", key);
  const arrival = Math.max(kept?.at ?? nowMs, nowMs);
  const allowedAt = arrival - interval * burst;
  if (allowedAt > nowMs) return Math.ceil(allowedAt);
  store.run("insert or replace into arrivals (key, at) values (?, ?)", key, arrival + interval);
  return null;
}
