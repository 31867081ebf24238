import type { Engine } from "../engine.ts";
import { saveStep } from "../store/steps.ts";
import { removeTimer, type Timer } from "../store/timers.ts";
import { continueRun } from "./continue-run.ts";

export interface Wait {
  run_id: string;
  step_id: string;
  step_name: string;
  kind: "event" | "invoke";
  expression: string | null;
  race: number;
  created_at: number;
}

/** Ends a wait with what the step is to give. */
export function resumeWait(engine: Engine, wait: Wait, value: string, failed = false): void {
  const { store } = engine;
  store.run("delete from waits where run_id = ? and step_id = ?", wait.run_id, wait.step_id);
  removeTimer(store, `wait:${wait.run_id}:${wait.step_id}`);
  saveStep(store, wait.run_id, {
    id: wait.step_id,
    name: wait.step_name,
    op: wait.kind === "event" ? "WaitForEvent" : "InvokeFunction",
    value,
    failed,
    startedAt: wait.created_at,
    endedAt: Date.now(),
  });
  continueRun(engine, wait.run_id, wait.race === 1);
}

export function getWait(engine: Engine, runId: string, stepId: string): Wait | undefined {
  return engine.store.get<Wait>("select * from waits where run_id = ? and step_id = ?", runId, stepId);
}

/** Ends a wait whose time is over: null for an event, an error for an invoked function. */
export function timeOutWait(engine: Engine, timer: Timer): void {
  const { stepId } = JSON.parse(timer.payload) as { stepId: string };
  const wait = getWait(engine, timer.run_id ?? "", stepId);
  if (!wait) return;
  const name = "InngestInvokeTimeoutError";
  const message = "Timed out waiting for invoked function to complete";
  if (wait.kind === "event") resumeWait(engine, wait, "null");
  else resumeWait(engine, wait, JSON.stringify({ error: { error: `${name}: ${message}`, name, message } }), true);
}
