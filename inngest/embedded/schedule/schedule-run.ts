import type { Engine, StoredEvent } from "../engine.ts";
import { evaluate } from "../expressions/evaluate.ts";
import { cancelRun } from "../finish/finish-run.ts";
import { readCorrelation, refuseInvoke } from "../intake/refuse-invoke.ts";
import { parseDuration } from "../protocol/durations.ts";
import { newUlid } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { Fn } from "../protocol/types.ts";
import { takeKey } from "../store/dedupe.ts";
import { addJob } from "../store/jobs.ts";
import { addRun, getActiveRun } from "../store/runs.ts";
import { setTimer } from "../store/timers.ts";
import { gatherBatch } from "./batch.ts";
import { debounceEvent } from "./debounce.ts";
import { concurrencyKey, throttleKey } from "./keys.ts";
import { isRateLimited } from "./rate-limit.ts";
import { findSingleton, singletonKey } from "./singleton.ts";

export interface ScheduleOptions {
  /** The events waited in a debounce or a batch and are through with it. */
  gathered?: boolean;
  /** The run that is run again: nothing may hold that back. */
  rerunOf?: string;
}

/** Starts a run of a function for an event, or holds it back, as the function's flow control says. The new run's id. */
export function scheduleRun(
  engine: Engine,
  fn: Fn,
  events: StoredEvent[],
  { gathered = false, rerunOf }: ScheduleOptions = {},
): string | null {
  const { store } = engine;
  const [first] = events;
  if (!first) return null;
  const { event } = first;
  const isRerun = rerunOf !== undefined;
  if (!gathered && !isRerun && gatherBatch(engine, fn, first)) return null;
  const now = Date.now();
  if (!isRerun && !(gathered && fn.config.debounce) && isRateLimited(store, fn, event, now)) {
    refuseInvoke(engine, event, "invoked function is rate limited");
    return null;
  }
  if (!gathered && !isRerun && debounceEvent(engine, fn, first, now)) return null;

  const runId = newUlid(now);
  const single = singletonKey(fn, event);
  const other = single === null || isRerun ? undefined : findSingleton(store, single);
  if (other && fn.config.singleton?.mode === "skip") return null;
  if (other) cancelRun(engine, other.id);
  const dedupeKey = `${fn.id}\n${event.id}`;
  const isBatch = gathered && fn.config.batchEvents !== undefined;
  if (!isRerun && !isBatch && takeKey(store, dedupeKey, runId, now, now + limits.dedupeMs) !== null) return null;

  const startAt = events.length === 1 && !isRerun ? Math.max(now, event.ts) : now;
  const [keyA = null, keyB = null] = fn.limits.map((limit) => concurrencyKey(limit, fn, event));
  addRun(store, {
    id: runId,
    function_id: fn.id,
    event_name: event.name,
    rank: startAt - priorityOf(fn, event) * 1000,
    key_a: keyA,
    key_b: keyB,
    throttle_key: throttleKey(fn, event),
    singleton_key: single,
    correlation_id: events.map(({ event: each }) => readCorrelation(each)).find((each) => each !== null) ?? null,
    rerun_of: rerunOf ?? null,
    state_bytes: events.reduce((bytes, each) => bytes + Buffer.byteLength(JSON.stringify(each.event)), 0),
    queued_at: now,
    eventIds: events.map(({ internalId }) => internalId),
  });
  const run = getActiveRun(store, runId);
  if (!run) return null;
  addJob(store, run, { app: fn.app, dueAt: startAt });
  const startWithin = parseDuration(fn.config.timeouts?.start ?? "");
  if (startWithin !== null) {
    const dueAt = now + startWithin;
    setTimer(store, { id: `start:${runId}`, kind: "start-timeout", run_id: runId, due_at: dueAt, payload: null });
  }
  engine.wake();
  return runId;
}

/** Seconds by which a run goes before others, within ten minutes either way. */
function priorityOf(fn: Fn, event: StoredEvent["event"]): number {
  const expression = fn.config.priority?.run;
  const factor = expression === undefined ? 0 : evaluate(expression, { event });
  return typeof factor === "number" && Number.isFinite(factor) ? Math.min(Math.max(factor, -600), 600) : 0;
}
