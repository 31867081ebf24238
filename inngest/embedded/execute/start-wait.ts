import type { Engine } from "../engine.ts";
import { checkExpression } from "../expressions/evaluate.ts";
import { parseDeadline } from "../protocol/durations.ts";
import { limits } from "../protocol/limits.ts";
import { nameOfOp, type Op } from "../protocol/types.ts";
import { hasStep } from "../store/steps.ts";
import { setTimer } from "../store/timers.ts";
import { failWait } from "./fail-wait.ts";

/** Lets a step wait for an event; the event's name stands in the op's name. */
export function startWait(engine: Engine, runId: string, op: Op, race: boolean): undefined {
  const { store } = engine;
  const now = Date.now();
  const name = nameOfOp(op);
  const expression = typeof op.opts?.if === "string" ? op.opts.if : null;
  const until = parseDeadline(typeof op.opts?.timeout === "string" ? op.opts.timeout : "", now);
  if (until === null || until > now + limits.longestWaitMs) {
    return failWait(engine, runId, `"${name}" cannot wait for ${JSON.stringify(op.opts?.timeout)}.`);
  }
  try {
    if (expression !== null) checkExpression(expression);
  } catch (error) {
    return failWait(engine, runId, `"${name}" waits by an expression that is none: ${String(error)}`);
  }
  if (hasStep(store, runId, op.id)) return undefined;
  store.run(
    `insert or ignore into waits (run_id, step_id, step_name, kind, event_name, expression, race, created_at)
     values (?, ?, ?, 'event', ?, ?, ?, ?)`,
    runId,
    op.id,
    name,
    op.name ?? "",
    expression,
    race ? 1 : 0,
    now,
  );
  const payload = { stepId: op.id };
  setTimer(store, { id: `wait:${runId}:${op.id}`, kind: "wait-timeout", run_id: runId, due_at: until, payload });
  engine.wake();
  return undefined;
}
