import type { Engine, StoredEvent } from "../engine.ts";
import { timeOutWait } from "../execute/resume-wait.ts";
import { endSleep } from "../execute/start-sleep.ts";
import { cancelRun } from "../finish/finish-run.ts";
import { takeBatch } from "../schedule/batch.ts";
import { readDebounced } from "../schedule/debounce.ts";
import { scheduleRun } from "../schedule/schedule-run.ts";
import { readEvent } from "../store/events.ts";
import { dueTimers, removeTimer, type Timer } from "../store/timers.ts";

const batchSize = 200;

/** Does what is due of the engine's own; true when more may be due. */
export function fireTimers(engine: Engine): boolean {
  const due = dueTimers(engine.store, Date.now(), batchSize);
  if (due.length === 0) return false;
  engine.transact(() => {
    for (const timer of due) fire(engine, timer);
  });
  return due.length === batchSize;
}

export function nextTimerAt({ store }: Engine): number | null {
  return store.get<{ at: number | null }>("select min(due_at) as at from timers")?.at ?? null;
}

function fire(engine: Engine, timer: Timer): void {
  // An earlier one of the same batch may have ended the run.
  if (!engine.store.get("select 1 from timers where id = ?", timer.id)) return;
  removeTimer(engine.store, timer.id);
  switch (timer.kind) {
    case "sleep":
      endSleep(engine, timer);
      return;
    case "wait-timeout":
      timeOutWait(engine, timer);
      return;
    case "start-timeout":
    case "finish-timeout":
      cancelRun(engine, timer.run_id ?? "");
      return;
    case "debounce":
      startGathered(engine, readDebounced(timer));
      return;
    case "batch":
      startGathered(engine, takeBatch(engine.store, timer));
      return;
  }
}

function startGathered(engine: Engine, gathered: { functionId: string; internalIds: string[] }): void {
  const fn = engine.functions.get(gathered.functionId);
  const events = gathered.internalIds.flatMap((internalId): StoredEvent[] => {
    const event = readEvent(engine.store, internalId);
    return event ? [{ internalId, event }] : [];
  });
  if (fn && events.length > 0) scheduleRun(engine, fn, events, { gathered: true });
}
