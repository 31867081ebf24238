import type { Store } from "./open-store.ts";

export type TimerKind = "sleep" | "wait-timeout" | "start-timeout" | "finish-timeout" | "debounce" | "batch";

export interface Timer {
  id: string;
  kind: TimerKind;
  run_id: string | null;
  due_at: number;
  payload: string;
}

/** Sets what is to happen at a time; a timer of the same id is replaced. */
export function setTimer(store: Store, timer: Omit<Timer, "payload"> & { payload: unknown }): void {
  store.run(
    "insert or replace into timers (id, kind, run_id, due_at, payload) values (?, ?, ?, ?, ?)",
    timer.id,
    timer.kind,
    timer.run_id,
    timer.due_at,
    JSON.stringify(timer.payload),
  );
}

export function removeTimer(store: Store, id: string): void {
  store.run("delete from timers where id = ?", id);
}

export function dueTimers(store: Store, nowMs: number, limit: number): Timer[] {
  return store.all<Timer>("select * from timers where due_at <= ? order by due_at, id limit ?", nowMs, limit);
}
