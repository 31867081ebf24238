import type { Engine } from "../engine.ts";
import { emitEvent } from "../intake/emit-event.ts";
import { parseDeadline } from "../protocol/durations.ts";
import { limits } from "../protocol/limits.ts";
import { nameOfOp, type Op } from "../protocol/types.ts";
import { hasStep } from "../store/steps.ts";
import { setTimer } from "../store/timers.ts";
import { failWait } from "./fail-wait.ts";

/** Starts a run of another function by an event of its own, and lets the step wait for that run's end. */
export function startInvoke(engine: Engine, runId: string, op: Op, race: boolean): undefined {
  const { store } = engine;
  const now = Date.now();
  const { function_id: functionId, timeout } = op.opts ?? {};
  const payload = (op.opts?.payload ?? {}) as { data?: unknown; v?: unknown };
  const until = typeof timeout === "string" ? parseDeadline(timeout, now) : now + limits.longestWaitMs;
  if (until === null || typeof functionId !== "string") {
    return failWait(engine, runId, `"${nameOfOp(op)}" invokes with options that cannot be read.`);
  }
  if (hasStep(store, runId, op.id)) return undefined;
  store.run(
    `insert or ignore into waits (run_id, step_id, step_name, kind, race, created_at)
     values (?, ?, ?, 'invoke', ?, ?)`,
    runId,
    op.id,
    nameOfOp(op),
    race ? 1 : 0,
    now,
  );
  const waits = { stepId: op.id };
  setTimer(store, { id: `wait:${runId}:${op.id}`, kind: "wait-timeout", run_id: runId, due_at: until, payload: waits });
  const given = typeof payload.data === "object" && payload.data !== null ? payload.data : {};
  emitEvent(engine, {
    name: "inngest/function.invoked",
    data: { ...given, _inngest: { fn_id: functionId, correlation_id: `${runId}.${op.id}` } },
    ...(typeof payload.v === "string" ? { v: payload.v } : {}),
  });
  return undefined;
}
