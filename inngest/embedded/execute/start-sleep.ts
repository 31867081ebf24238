import type { Engine } from "../engine.ts";
import { parseDeadline } from "../protocol/durations.ts";
import { limits } from "../protocol/limits.ts";
import { nameOfOp, type Op } from "../protocol/types.ts";
import { hasStep, saveStep } from "../store/steps.ts";
import { setTimer, type Timer } from "../store/timers.ts";
import { continueRun } from "./continue-run.ts";
import { failWait } from "./fail-wait.ts";

interface Sleep {
  stepId: string;
  name: string;
  race: boolean;
  startedAt: number;
}

/** Puts a step to sleep; its duration or date stands in the op's name. */
export function startSleep(engine: Engine, runId: string, op: Op, race: boolean): undefined {
  const now = Date.now();
  const until = parseDeadline(op.name ?? "", now);
  if (until === null || until > now + limits.longestWaitMs) {
    return failWait(engine, runId, `"${nameOfOp(op)}" cannot sleep for ${JSON.stringify(op.name)}.`);
  }
  if (hasStep(engine.store, runId, op.id)) return undefined;
  const payload: Sleep = { stepId: op.id, name: nameOfOp(op), race, startedAt: now };
  setTimer(engine.store, { id: `sleep:${runId}:${op.id}`, kind: "sleep", run_id: runId, due_at: until, payload });
  engine.wake();
  return undefined;
}

/** Wakes a step that has slept long enough. */
export function endSleep(engine: Engine, timer: Timer): void {
  const runId = timer.run_id ?? "";
  const { stepId, name, race, startedAt } = JSON.parse(timer.payload) as Sleep;
  saveStep(engine.store, runId, { id: stepId, name, op: "Sleep", value: "null", startedAt, endedAt: Date.now() });
  continueRun(engine, runId, race);
}
