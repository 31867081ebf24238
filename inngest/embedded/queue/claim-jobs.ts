import type { Engine } from "../engine.ts";
import { parseDuration } from "../protocol/durations.ts";
import type { Fn } from "../protocol/types.ts";
import { takeArrival } from "../store/dedupe.ts";
import type { Job } from "../store/jobs.ts";
import { queueOfJob } from "../store/schema-sql.ts";
import { setTimer } from "../store/timers.ts";

/** How many of an engine's requests hold each key now. */
type HeldKeys = Map<string, number>;
/** When each key was last given a place, the one longest ago first. */
export type ServedKeys = Map<string, number>;

const servedKept = 10_000;

/** Who has the places now, and when each key was given one. */
export interface Places {
  working: Iterable<Job>;
  served: ReadonlyMap<string, number>;
}

/** Jobs of one function with the same keys: while one of them may not begin for a limit, none may. */
type Queue = Pick<Job, "function_id" | "key_a" | "key_b"> & { name: string };

/**
 * Leases up to `room` jobs that are due, each within its function's limits. First one of each tenant (a value of a limit's key) that
 * holds no place, who has waited longest for one first, so that none waits for the queues of others; then those of runs that have
 * begun, then the oldest. A lease raises the generation, by which the reports of an earlier holder are told apart. What it takes goes with
 * the number of queues, not of jobs.
 */
export function claimJobs(engine: Engine, { working, served }: Places, room: number): Job[] {
  const nowMs = Date.now();
  const held: HeldKeys = new Map();
  for (const job of working) holdKeys(held, job);
  const claimed: Job[] = [];
  const fronts = new Map<Queue, Job>();
  const look = (queue: Queue): void => {
    const front = isOpen(engine, queue, held) ? readFront(engine, queue, nowMs) : undefined;
    if (front) fronts.set(queue, front);
    else fronts.delete(queue);
  };
  const take = (queue: Queue): void => {
    const job = fronts.get(queue);
    if (job) claimed.push(...claim(engine, held, job, nowMs));
    look(queue);
  };
  const listOpen = (): Queue[] =>
    [...fronts]
      .filter(([queue]) => isOpen(engine, queue, held))
      .sort(([, a], [, b]) => compare(a, b))
      .map(([queue]) => queue);
  const lastServed = (queue: Queue) => Math.min(...keysOf(queue).map((key) => served.get(key) ?? 0));

  for (const queue of listQueues(engine)) look(queue);
  const firsts = pickTenants(engine, listOpen(), held);
  for (const queue of firsts.toSorted((a, b) => lastServed(a) - lastServed(b))) {
    if (claimed.length < room && isOpen(engine, queue, held)) take(queue);
  }
  while (claimed.length < room) {
    const [first] = listOpen();
    if (!first) break;
    take(first);
  }
  return claimed;
}

/** The first queue of each tenant that holds no place. */
function pickTenants(engine: Engine, queues: Queue[], held: HeldKeys): Queue[] {
  const seen = new Set<string>();
  return queues.filter((queue) => {
    const limits = engine.functions.get(queue.function_id)?.limits ?? [];
    const tenants = keysOf(queue).filter((_, index) => limits[index]?.key !== undefined);
    const names = tenants.map((key) => `${queue.function_id}\t${key}`);
    if (tenants.length === 0 || tenants.some((key) => held.has(key)) || names.some((name) => seen.has(name)))
      return false;
    for (const name of names) seen.add(name);
    return true;
  });
}

/** The queues that have jobs: one look into the index for each. */
function listQueues({ store }: Engine): Queue[] {
  const rows = store.all<{ name: string }>(
    `with recursive queues (name) as (
       select min(${queueOfJob}) from jobs where leased_at is null
       union all
       select (select min(${queueOfJob}) from jobs where leased_at is null and ${queueOfJob} > name) from queues where name is not null
     )
     select name from queues where name is not null`,
  );
  return rows.map(({ name }) => {
    const [functionId, keyA, keyB] = JSON.parse(name) as [string, string | null, string | null];
    return { name, function_id: functionId, key_a: keyA, key_b: keyB };
  });
}

/** Of a queue the job that is next, of those that are due. */
function readFront({ store, reachableApps }: Engine, { name }: Queue, nowMs: number): Job | undefined {
  return store.get<Job>(
    `select * from jobs where leased_at is null and ${queueOfJob} = ? and due_at <= ? and app in (select value from json_each(?))
     order by started desc, rank, id limit 1`,
    name,
    nowMs,
    JSON.stringify([...reachableApps]),
  );
}

/** Those of runs that have begun first, then the oldest. */
function compare(a: Job, b: Job): number {
  return b.started - a.started || a.rank - b.rank || (a.id < b.id ? -1 : 1);
}

/** Leases a job, unless its throttle puts it off. */
function claim(engine: Engine, held: HeldKeys, job: Job, nowMs: number): Job[] {
  const fn = engine.functions.get(job.function_id);
  if (fn && isThrottled(engine, fn, job, nowMs)) return [];
  holdKeys(held, job);
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

/** Whether no key of a queue has as many places as its limit allows. */
function isOpen(engine: Engine, queue: Queue, held: HeldKeys): boolean {
  const limits = engine.functions.get(queue.function_id)?.limits ?? [];
  return keysOf(queue).every((key, index) => {
    const limit = limits[index]?.limit ?? 0;
    return limit === 0 || (held.get(key) ?? 0) < limit;
  });
}

function keysOf({ key_a, key_b }: Pick<Job, "key_a" | "key_b">): string[] {
  return [key_a, key_b].filter((key) => key !== null);
}

/** Puts the start of a run off to the time that its throttle gives it, and those behind it, which it would give the same. */
function isThrottled({ store }: Engine, fn: Fn, job: Job, nowMs: number): boolean {
  const { throttle } = fn.config;
  if (job.throttle_key === null || !throttle) return false;
  const periodMs = parseDuration(throttle.period) ?? 1000;
  const { limit, burst = 1 } = throttle;
  const at = takeArrival(store, { key: job.throttle_key, limit, periodMs, burst }, nowMs);
  if (at === null) return false;
  store.run(
    `update jobs set due_at = ? where leased_at is null and due_at <= ? and throttle_key = ? and ${queueOfJob} = json_array(?, ?, ?)`,
    at,
    nowMs,
    job.throttle_key,
    job.function_id,
    job.key_a,
    job.key_b,
  );
  return true;
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
