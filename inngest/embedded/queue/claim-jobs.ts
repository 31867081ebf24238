import type { Engine } from "../engine.ts";
import { parseDuration } from "../protocol/durations.ts";
import type { Fn } from "../protocol/types.ts";
import { takeArrival } from "../store/dedupe.ts";
import type { Job } from "../store/jobs.ts";
import { setTimer } from "../store/timers.ts";

/** How many of an engine's requests hold each key now. */
export type HeldKeys = Map<string, number>;

const pageSize = 200;

/**
 * Leases up to `room` jobs that are due: those of runs that have begun first, each within its function's limits.
 * A lease raises the generation, by which the reports of an earlier holder are told apart.
 */
export function claimJobs(engine: Engine, held: ReadonlyMap<string, number>, room: number): Job[] {
  const { store } = engine;
  // A copy: when the transaction is undone, nothing was taken.
  const taken: HeldKeys = new Map(held);
  const apps = JSON.stringify([...engine.reachableApps]);
  const full = new Set<string>();
  const claimed: Job[] = [];
  const now = Date.now();
  while (claimed.length < room) {
    const page = store.all<Job>(
      `select * from jobs where leased_at is null and due_at <= ? and app in (select value from json_each(?))
       and (key_a is null or function_id || char(9) || key_a not in (select value from json_each(?3)))
       and (key_b is null or function_id || char(9) || key_b not in (select value from json_each(?3)))
       order by started desc, rank, id limit ?4`,
      now,
      apps,
      JSON.stringify([...full]),
      Math.min(pageSize, room - claimed.length),
    );
    for (const job of page) {
      const fn = engine.functions.get(job.function_id);
      const blocked = fn ? findFullKeys(fn, job, taken) : [];
      for (const key of blocked) full.add(`${job.function_id}\t${key}`);
      if (blocked.length > 0 || (fn && isThrottled(engine, fn, job, now))) continue;
      holdKeys(taken, job);
      claimed.push(lease(engine, job, fn, now));
    }
    if (page.length === 0) break;
  }
  return claimed;
}

export function holdKeys(held: HeldKeys, job: Job): void {
  for (const key of [job.key_a, job.key_b]) if (key !== null) held.set(key, (held.get(key) ?? 0) + 1);
}

export function releaseKeys(held: HeldKeys, job: Job): void {
  for (const key of [job.key_a, job.key_b]) {
    if (key === null) continue;
    const left = (held.get(key) ?? 1) - 1;
    if (left > 0) held.set(key, left);
    else held.delete(key);
  }
}

/** When the next job that is not due yet will be. */
export function nextJobAt({ store }: Engine, nowMs: number): number | null {
  const row = store.get<{ at: number | null }>(
    "select min(due_at) as at from jobs where leased_at is null and due_at > ?",
    nowMs,
  );
  return row?.at ?? null;
}

function findFullKeys(fn: Fn, job: Job, held: HeldKeys): string[] {
  return [job.key_a, job.key_b].filter((key, index): key is string => {
    const limit = fn.limits[index]?.limit ?? 0;
    return key !== null && limit > 0 && (held.get(key) ?? 0) >= limit;
  });
}

/** Puts the start of a run off to the time that its throttle gives it. */
function isThrottled({ store }: Engine, fn: Fn, job: Job, nowMs: number): boolean {
  const { throttle } = fn.config;
  if (job.throttle_key === null || !throttle) return false;
  const periodMs = parseDuration(throttle.period) ?? 1000;
  const { limit, burst = 1 } = throttle;
  const at = takeArrival(store, { key: job.throttle_key, limit, periodMs, burst }, nowMs);
  if (at !== null) store.run("update jobs set due_at = ? where id = ?", at, job.id);
  return at !== null;
}

function lease(engine: Engine, job: Job, fn: Fn | undefined, nowMs: number): Job {
  const { store } = engine;
  const generation = job.generation + 1;
  store.run(
    "update jobs set leased_at = ?, generation = ?, started = 1, throttle_key = null where id = ?",
    nowMs,
    generation,
    job.id,
  );
  if (job.started === 0) beginRun(engine, job.run_id, fn, nowMs);
  return { ...job, generation, leased_at: nowMs, started: 1, throttle_key: null };
}

function beginRun({ store }: Engine, runId: string, fn: Fn | undefined, nowMs: number): void {
  store.run("update runs set status = 'running', started_at = ? where id = ? and started_at is null", nowMs, runId);
  store.run("delete from timers where id = ?", `start:${runId}`);
  const finishWithin = parseDuration(fn?.config.timeouts?.finish ?? "");
  if (finishWithin === null) return;
  const dueAt = nowMs + finishWithin;
  setTimer(store, { id: `finish:${runId}`, kind: "finish-timeout", run_id: runId, due_at: dueAt, payload: null });
}
