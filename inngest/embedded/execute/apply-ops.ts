import type { Engine } from "../engine.ts";
import { finishRun } from "../finish/finish-run.ts";
import { limits } from "../protocol/limits.ts";
import { type Fn, nameOfOp, type Op } from "../protocol/types.ts";
import { addJob, type Job, removeJob } from "../store/jobs.ts";
import { getActiveRun } from "../store/runs.ts";
import { addPendingSteps, hasStep, saveStep } from "../store/steps.ts";
import { continueRun } from "./continue-run.ts";
import { failAttempt, recordFailure, retryLater } from "./fail-attempt.ts";
import { startInvoke } from "./start-invoke.ts";
import { startSleep } from "./start-sleep.ts";
import { startWait } from "./start-wait.ts";

export interface Reported {
  job: Job;
  fn: Fn;
  ops: Op[];
  retryAt: number | null;
  noRetry: boolean;
  startedAt: number;
}

/** Ops after which the run waits for something; all others are over when they are reported. */
const planned = new Set(["StepPlanned", "Sleep", "WaitForEvent", "InvokeFunction"]);

/** Carries out the ops of one answer; runs inside a transaction. The job ends, unless it is to be tried again. */
export function applyOps(engine: Engine, reported: Reported): void {
  const { job, ops } = reported;
  const { store } = engine;
  const unsupported = ops.find((op) => !(op.op in handlers));
  if (unsupported) {
    const message = `"${nameOfOp(unsupported)}" is a ${unsupported.op}, which this engine does not do.`;
    endRun(engine, job.run_id, "UnsupportedOp", message);
    return;
  }
  if (ops.length > limits.stepsPerRun) {
    const message = `The function run exceeded the step limit of ${limits.stepsPerRun} steps.`;
    endRun(engine, job.run_id, "InngestErrFunctionOverflowed", message);
    return;
  }
  const failing = ops.find((op) => op.op === "StepError");
  if (failing && ops.length === 1 && mayRetry(reported)) {
    const error = JSON.stringify(failing.error ?? null);
    const named = { ...job, step_id: failing.id, step_name: nameOfOp(failing) };
    recordFailure(engine, named, { error, final: false, retryAt: null, startedAt: reported.startedAt });
    retryLater(engine, job, reported.retryAt);
    return;
  }

  const waiting = ops.filter((op) => planned.has(op.op));
  if (ops.length > 1 && waiting.length > 0) {
    const version = getActiveRun(store, job.run_id)?.request_version ?? 2;
    if (version >= 2) {
      const open = ops.filter((op) => !hasStep(store, job.run_id, op.id));
      addPendingSteps(
        store,
        job.run_id,
        open.map(({ id }) => id),
      );
    }
    store.run("update runs set force_plan = 1 where id = ?", job.run_id);
  }
  removeJob(store, job.id);
  // Waits come first: an event that a sibling step sends must find them.
  const ordered = [...ops].sort((a, b) => Number(b.op === "WaitForEvent") - Number(a.op === "WaitForEvent"));
  let continues = false;
  for (const op of ordered) {
    if (!getActiveRun(store, job.run_id)) return;
    continues = handlers[op.op]?.(engine, reported, op) === "continue" || continues;
  }
  if (continues) continueRun(engine, job.run_id, job.race === 1 || ops.some(isRace));
}

type Handler = (engine: Engine, reported: Reported, op: Op) => "continue" | undefined;

const keepResult: Handler = (engine, { job, startedAt }, op) => {
  const value = JSON.stringify({ data: op.data ?? null });
  const problem = findOverflow(engine, job.run_id, value);
  if (problem) {
    if (problem.final) endRun(engine, job.run_id, problem.name, problem.message);
    else restoreAndFail(engine, job, problem, startedAt);
    return undefined;
  }
  saveStep(engine.store, job.run_id, { ...readTiming(op, startedAt), value, op: "StepRun", attempt: job.attempt });
  return "continue";
};

const keepFailure: Handler = (engine, { job, startedAt }, op) => {
  const error = JSON.stringify(op.error ?? null);
  recordFailure(
    engine,
    { ...job, step_id: op.id, step_name: nameOfOp(op) },
    { error, final: true, retryAt: null, startedAt },
  );
  const value = `{"error":${error}}`;
  const timing = readTiming(op, startedAt);
  saveStep(engine.store, job.run_id, { ...timing, value, op: "StepRun", failed: true, attempt: job.attempt });
  return "continue";
};

const handlers: Record<string, Handler> = {
  None: () => "continue",
  Step: keepResult,
  StepRun: keepResult,
  StepError: keepFailure,
  StepFailed: keepFailure,
  StepPlanned: (engine, { job, fn }, op) => {
    const run = getActiveRun(engine.store, job.run_id);
    if (!run || hasStep(engine.store, run.id, op.id)) return undefined;
    const step = { id: op.id, name: nameOfOp(op), race: isRace(op) };
    addJob(engine.store, run, { app: fn.app, dueAt: Date.now(), step });
    engine.wake();
    return undefined;
  },
  Sleep: (engine, { job }, op) => startSleep(engine, job.run_id, op, isRace(op)),
  WaitForEvent: (engine, { job }, op) => startWait(engine, job.run_id, op, isRace(op)),
  InvokeFunction: (engine, { job }, op) => startInvoke(engine, job.run_id, op, isRace(op)),
  DiscoveryRequest: () => "continue",
  RunComplete: (engine, { job }, op) => {
    finishRun(engine, job.run_id, { status: "completed", output: JSON.stringify(op.data ?? null) });
    return undefined;
  },
};

function mayRetry({ job, fn, noRetry, ops }: Reported): boolean {
  const marked = (ops[0]?.error as { noRetry?: unknown } | undefined)?.noRetry === true;
  return !noRetry && !marked && job.attempt + 1 < fn.maxAttempts;
}

function isRace(op: Op): boolean {
  return op.opts?.parallelMode === "race";
}

interface Overflow {
  name: string;
  message: string;
  final: boolean;
}

/** Why a step's result may not be kept; null when it may. */
export function findOverflow({ store }: Engine, runId: string, value: string): Overflow | null {
  const bytes = Buffer.byteLength(value);
  if (bytes > limits.stepOutputBytes) {
    return { name: "output_too_large", message: "step output size is greater than the limit", final: false };
  }
  if ((getActiveRun(store, runId)?.state_bytes ?? 0) + bytes > limits.stateBytes) {
    const message = `The function run exceeded the state size limit of ${limits.stateBytes} bytes.`;
    return { name: "InngestErrStateOverflowed", message, final: true };
  }
  return null;
}

/** The job was taken off the queue for its answer; the answer cannot be kept, so it counts as a failed attempt. */
function restoreAndFail(engine: Engine, job: Job, { name, message }: Overflow, startedAt: number): void {
  const run = getActiveRun(engine.store, job.run_id);
  if (!run) return;
  const step = job.step_id === null ? null : { id: job.step_id, name: job.step_name ?? "", race: job.race === 1 };
  const id = addJob(engine.store, run, { app: job.app, dueAt: Date.now(), ...(step ? { step } : {}) });
  const error = JSON.stringify({ error: message, name, message });
  failAttempt(engine, { ...job, id }, { error, final: false, retryAt: null, startedAt });
}

function endRun(engine: Engine, runId: string, name: string, message: string): void {
  finishRun(engine, runId, { status: "failed", output: JSON.stringify({ error: message, name, message }) });
}

/** What the SDK measured, or the time of its request. */
export function readTiming(op: Op, startedAt: number) {
  const startNs = op.timing?.a;
  const start = typeof startNs === "number" && startNs > 0 ? Math.floor(startNs / 1e6) : startedAt;
  const tookNs = op.timing?.b;
  const end = typeof tookNs === "number" && tookNs >= 0 ? start + Math.ceil(tookNs / 1e6) : Date.now();
  return { id: op.id, name: nameOfOp(op), startedAt: start, endedAt: end };
}
