import type { Engine } from "../engine.ts";
import { parseDuration } from "../protocol/durations.ts";
import type { Fn, Limit } from "../protocol/types.ts";
import { takeArrival } from "../store/dedupe.ts";
import type { Job } from "../store/jobs.ts";
import { setTimer } from "../store/timers.ts";

/** How many of an engine's requests hold each key now. */
type HeldKeys = Map<string, number>;
/** When each key was last given a place, the one longest ago first. */
export type ServedKeys = Map<string, number>;

const pageSize = 200;
const servedKept = 10_000;

/** Who has the places now, and when each key was given one. */
export interface Places {
  working: Iterable<Job>;
  served: ReadonlyMap<string, number>;
}

/**
 * Leases up to `room` jobs that are due, each within its function's limits. First one of each tenant (a value of a limit's key) that
 * holds no place, who has waited longest for one first, so that none waits for the queues of others; then those of runs that have
 * begun, then the oldest. A lease raises the generation, by which the reports of an earlier holder are told apart.
 */
export function claimJobs(engine: Engine, { working, served }: Places, room: number): Job[] {
  const holders = [...working].filter((job) => job.key_a !== null || job.key_b !== null);
  const taken: HeldKeys = new Map();
  for (const job of holders) holdKeys(taken, job);
  const claimed: Job[] = [];
  const lastServed = (job: Job) => Math.min(...keysOf(job).map((key) => served.get(key) ?? 0));
  for (const job of findTenants(engine, holders, taken).toSorted((a, b) => lastServed(a) - lastServed(b))) {
    if (claimed.length < room) claimed.push(...claim(engine, taken, job));
  }
  const full = new Set(holders.flatMap((job) => nameFull(engine, job, taken)));
  while (claimed.length < room) {
    const page = readPage(engine, { full, limit: Math.min(pageSize, room - claimed.length) });
    if (page.length === 0) break;
    for (const job of page) {
      for (const key of nameFull(engine, job, taken)) full.add(key);
      claimed.push(...claim(engine, taken, job));
    }
  }
  return claimed;
}

/** The first job of each tenant that holds no place. */
function findTenants(engine: Engine, holders: Job[], held: HeldKeys): Job[] {
  const ids = [...engine.functions.values()].filter(({ limits }) => limits.some(isOfTenants)).map(({ id }) => id);
  const tenantOf = (job: Job) =>
    keysOf(job).filter((_, index) => isOfTenants(engine.functions.get(job.function_id)?.limits[index]));
  const nameSeen = (job: Job) => [...tenantOf(job).map((key) => nameKey(job, key)), ...nameFull(engine, job, held)];
  // Who has a long queue has a place, as a rule: the queue need not be read to see that.
  const seen = new Set(holders.flatMap(nameSeen));
  const first: Job[] = [];
  for (let sizeBefore = -1; ids.length > 0 && seen.size > sizeBefore; ) {
    sizeBefore = seen.size;
    for (const job of readPage(engine, { full: seen, functionIds: ids, limit: pageSize })) {
      const tenant = tenantOf(job);
      const isNew = tenant.every((key) => !held.has(key) && !seen.has(nameKey(job, key)));
      if (isNew && tenant.length > 0 && findFullKeys(engine, job, held).length === 0) first.push(job);
      for (const key of nameSeen(job)) seen.add(key);
    }
  }
  return first;
}

interface Wanted {
  full: ReadonlySet<string>;
  /** All functions when left out, also those that are registered no more. */
  functionIds?: string[];
  limit: number;
}

/** Jobs that are due, those of runs that have begun first, but those with a key that is full. */
function readPage({ store, reachableApps }: Engine, { full, functionIds, limit }: Wanted): Job[] {
  return store.all<Job>(
    `select * from jobs where leased_at is null and due_at <= ? and app in (select value from json_each(?))
     and (key_a is null or function_id || char(9) || key_a not in (select value from json_each(?3)))
     and (key_b is null or function_id || char(9) || key_b not in (select value from json_each(?3)))
     and (?4 is null or function_id in (select value from json_each(?4)))
     order by started desc, rank, id limit ?5`,
    Date.now(),
    JSON.stringify([...reachableApps]),
    JSON.stringify([...full]),
    functionIds ? JSON.stringify(functionIds) : null,
    limit,
  );
}

/** Leases a job unless a limit has become full meanwhile, or its throttle puts it off. */
function claim(engine: Engine, taken: HeldKeys, job: Job): Job[] {
  const fn = engine.functions.get(job.function_id);
  const nowMs = Date.now();
  if (findFullKeys(engine, job, taken).length > 0 || (fn && isThrottled(engine, fn, job, nowMs))) return [];
  holdKeys(taken, job);
  return [lease(engine, job, fn, nowMs)];
}

function holdKeys(held: HeldKeys, job: Job): void {
  for (const key of keysOf(job)) held.set(key, (held.get(key) ?? 0) + 1);
}

/** Notes that a job is given a place now. */
export function noteServed(served: ServedKeys, job: Job): void {
  for (const key of keysOf(job)) {
    served.delete(key);
    served.set(key, Date.now());
  }
  for (const key of served.keys()) {
    if (served.size <= servedKept) return;
    served.delete(key);
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

function findFullKeys(engine: Engine, job: Job, held: HeldKeys): string[] {
  const limits = engine.functions.get(job.function_id)?.limits ?? [];
  return [job.key_a, job.key_b].filter((key, index): key is string => {
    const limit = limits[index]?.limit ?? 0;
    return key !== null && limit > 0 && (held.get(key) ?? 0) >= limit;
  });
}

/** The keys of a job that are full, as `readPage` is told of them. */
function nameFull(engine: Engine, job: Job, held: HeldKeys): string[] {
  return findFullKeys(engine, job, held).map((key) => nameKey(job, key));
}

function keysOf(job: Job): string[] {
  return [job.key_a, job.key_b].filter((key) => key !== null);
}

function nameKey(job: Job, key: string): string {
  return `${job.function_id}\t${key}`;
}

function isOfTenants(limit: Limit | undefined): boolean {
  return limit?.key !== undefined;
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
