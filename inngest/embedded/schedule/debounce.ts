import type { Engine, StoredEvent } from "../engine.ts";
import { parseDuration } from "../protocol/durations.ts";
import type { Fn } from "../protocol/types.ts";
import { setTimer, type Timer } from "../store/timers.ts";
import { keyPart } from "./keys.ts";

/** The server lets this much time pass after the period, so that a late event still counts. */
const slackMs = 50;
const bufferMs = 1000;

interface Debounced {
  functionId: string;
  internalId: string;
  ts: number;
  /** When it runs even though events go on coming. */
  latestAt: number | null;
}

/** Holds the event back until its key has been quiet for the period; only the latest event is kept. False: no debounce. */
export function debounceEvent(engine: Engine, fn: Fn, { internalId, event }: StoredEvent, nowMs: number): boolean {
  const { debounce } = fn.config;
  if (!debounce) return false;
  const { store } = engine;
  const id = `debounce\n${fn.id}\n${keyPart(debounce.key, event)}`;
  const periodMs = parseDuration(debounce.period) ?? 1000;
  const timeoutMs = parseDuration(debounce.timeout ?? "");
  const kept = store.get<Timer>("select * from timers where id = ?", id);
  const before = kept ? (JSON.parse(kept.payload) as Debounced) : null;
  const latestAt = before ? before.latestAt : timeoutMs === null ? null : nowMs + timeoutMs;
  const isNewer = before === null || event.ts >= before.ts;
  const payload: Debounced =
    isNewer || before === null ? { functionId: fn.id, internalId, ts: event.ts, latestAt } : { ...before, latestAt };
  const quietAt = nowMs + periodMs + bufferMs + slackMs;
  const dueAt = latestAt === null ? quietAt : Math.min(quietAt, latestAt + bufferMs + slackMs);
  setTimer(store, { id, kind: "debounce", run_id: null, due_at: dueAt, payload });
  engine.wake();
  return true;
}

/** The function and the event of a debounce that is over. */
export function readDebounced(timer: Timer): { functionId: string; internalIds: string[] } {
  const { functionId, internalId } = JSON.parse(timer.payload) as Debounced;
  return { functionId, internalIds: [internalId] };
}
