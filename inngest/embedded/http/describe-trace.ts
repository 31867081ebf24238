import type { Engine } from "../engine.ts";
import type { Job } from "../store/jobs.ts";
import type { Run } from "../store/runs.ts";
import { readSteps } from "../store/steps.ts";
import { toTime } from "./describe-run.ts";

interface Failed {
  step_id: string | null;
  step_name: string | null;
  attempt: number;
  error: string;
  started_at: number | null;
  ended_at: number;
}

interface Open {
  step_id: string;
  step_name: string;
  kind: string;
  created_at: number;
  due_at: number | null;
}

export interface Span {
  id: string;
  name: string;
  status: string;
  stepOp?: string;
  stepId?: string;
  attempt?: number;
  queuedAt: string | null;
  startedAt: string | null;
  endedAt: string | null;
  /** When something is due that has not happened yet. */
  dueAt?: string | null;
  output?: unknown;
  children: Span[];
}

const stepOps: Record<string, string> = {
  StepRun: "RUN",
  Sleep: "SLEEP",
  WaitForEvent: "WAIT_FOR_EVENT",
  InvokeFunction: "INVOKE",
};

/** A run as a tree: its steps in the order in which they ended, what it waits for, and under each its failed attempts. */
export function describeTrace(engine: Engine, run: Run, includeOutput: boolean): Span {
  const failures = engine.store.all<Failed>("select * from failures where run_id = ? order by ended_at", run.id);
  const done = readSteps(engine.store, run.id).map(
    (step): Span => ({
      id: `${run.id}-${step.id}`,
      name: step.name,
      status: step.failed ? "FAILED" : "COMPLETED",
      stepOp: stepOps[step.op] ?? "RUN",
      stepId: step.id,
      attempt: step.attempt,
      queuedAt: toTime(step.started_at),
      startedAt: toTime(step.started_at),
      endedAt: toTime(step.ended_at),
      ...(includeOutput ? { output: JSON.parse(step.value) as unknown } : {}),
      children: failures.filter(({ step_id: id }) => id === step.id).map((failed) => describeFailure(run, failed)),
    }),
  );
  const doneIds = new Set(done.map(({ stepId }) => stepId));
  const open = [...describeJobs(engine, run), ...describeWaits(engine, run)].filter(
    ({ stepId }) => stepId === undefined || !doneIds.has(stepId),
  );
  const openIds = new Set(open.map(({ stepId }) => stepId));
  for (const span of open) {
    span.children = failures
      .filter(({ step_id: id }) => id !== null && id === span.stepId)
      .map((failed) => describeFailure(run, failed));
  }
  const loose = failures
    .filter(({ step_id: id }) => id === null || !(doneIds.has(id) || openIds.has(id)))
    .map((failed) => describeFailure(run, failed));
  return {
    id: run.id,
    name: engine.functions.get(run.function_id)?.config.name ?? run.function_id,
    status: run.status.toUpperCase(),
    queuedAt: toTime(run.queued_at),
    startedAt: toTime(run.started_at),
    endedAt: toTime(run.ended_at),
    ...(includeOutput && run.output !== null ? { output: JSON.parse(run.output) as unknown } : {}),
    children: [...done, ...loose, ...open],
  };
}

function describeFailure(run: Run, failed: Failed): Span {
  return {
    id: `${run.id}-${failed.step_id ?? "function"}-${failed.attempt}`,
    name: failed.step_name ?? "function code",
    status: "FAILED",
    attempt: failed.attempt,
    queuedAt: toTime(failed.started_at),
    startedAt: toTime(failed.started_at),
    endedAt: toTime(failed.ended_at),
    output: { error: JSON.parse(failed.error) as unknown },
    children: [],
  };
}

function describeJobs({ store }: Engine, run: Run): Span[] {
  const jobs = store.all<Job>("select * from jobs where run_id = ? order by id", run.id);
  return jobs.map((job) => ({
    id: job.id,
    name: job.step_name ?? "next step",
    status: job.leased_at === null ? "WAITING" : "RUNNING",
    stepOp: "RUN",
    ...(job.step_id === null ? {} : { stepId: job.step_id }),
    attempt: job.attempt,
    queuedAt: toTime(job.created_at),
    startedAt: toTime(job.leased_at),
    endedAt: null,
    dueAt: toTime(job.due_at),
    children: [],
  }));
}

function describeWaits({ store }: Engine, run: Run): Span[] {
  const waits = store.all<Open>(
    `select step_id, step_name, kind, created_at,
       (select due_at from timers t where t.id = 'wait:' || w.run_id || ':' || w.step_id) as due_at
     from waits w where run_id = ?`,
    run.id,
  );
  const sleeps = store
    .all<{ due_at: number; payload: string }>("select * from timers where run_id = ? and kind = 'sleep'", run.id)
    .map(({ due_at, payload }): Open => {
      const { stepId, name, startedAt } = JSON.parse(payload) as { stepId: string; name: string; startedAt: number };
      return { step_id: stepId, step_name: name, kind: "sleep", created_at: startedAt, due_at };
    });
  const ops: Record<string, string> = { sleep: "SLEEP", event: "WAIT_FOR_EVENT", invoke: "INVOKE" };
  return [...waits, ...sleeps].map((wait) => ({
    id: `${run.id}-${wait.step_id}`,
    name: wait.step_name,
    status: "WAITING",
    stepOp: ops[wait.kind] ?? "RUN",
    stepId: wait.step_id,
    queuedAt: toTime(wait.created_at),
    startedAt: toTime(wait.created_at),
    endedAt: null,
    dueAt: toTime(wait.due_at),
    children: [],
  }));
}
