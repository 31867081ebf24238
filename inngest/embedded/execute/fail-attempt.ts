import type { Engine } from "../engine.ts";
import { finishRun } from "../finish/finish-run.ts";
import { type Job, retryJob } from "../store/jobs.ts";

const backoffSeconds = [15, 30, 60, 120, 300, 600, 1200, 2400, 3600, 7200];
const jitterMs = 30_000;
const dayMs = 24 * 3_600_000;

export interface Failure {
  /** JSON of what went wrong. */
  error: string;
  final: boolean;
  retryAt: number | null;
  startedAt: number;
}

/** Tries a job again later; when its attempts are used up or it must not be tried, its run fails. */
export function failAttempt(engine: Engine, job: Job, failure: Failure): void {
  const maxAttempts = engine.functions.get(job.function_id)?.maxAttempts ?? 1;
  recordFailure(engine, job, failure);
  if (failure.final || job.attempt + 1 >= maxAttempts) {
    finishRun(engine, job.run_id, { status: "failed", output: failure.error });
    return;
  }
  retryLater(engine, job, failure.retryAt);
}

/** Keeps what an attempt ended with, for those who look at the run. */
export function recordFailure({ store }: Engine, job: Job, { error, startedAt }: Failure): void {
  store.run(
    "insert into failures (run_id, step_id, step_name, attempt, error, started_at, ended_at) values (?, ?, ?, ?, ?, ?, ?)",
    job.run_id,
    job.step_id,
    job.step_name,
    job.attempt,
    error,
    startedAt,
    Date.now(),
  );
}

export function retryLater(engine: Engine, job: Job, retryAt: number | null): void {
  retryJob(engine.store, job.id, job.attempt + 1, retryAt ?? backoff(engine.settings.retryIntervalMs, job.attempt));
  engine.wake();
}

function backoff(fixedMs: number | null, attempt: number): number {
  if (fixedMs !== null) return Date.now() + fixedMs;
  const seconds = backoffSeconds[Math.min(attempt, backoffSeconds.length - 1)] ?? 15;
  return Date.now() + seconds * 1000 + Math.floor(Math.random() * jitterMs);
}

/** The time that a `retry-after` header names, seconds or a date, at least 1 second and at most a day away. */
export function readRetryAfter(header: string | string[] | undefined, nowMs: number): number | null {
  if (typeof header !== "string" || header === "") return null;
  // Whole seconds are counted from the current whole second, as the server does.
  const seconds = /^\d+$/.test(header) ? Math.floor(nowMs / 1000) * 1000 + Number(header) * 1000 : Date.parse(header);
  if (Number.isNaN(seconds)) return null;
  return Math.min(Math.max(seconds, nowMs + 1000), nowMs + dayMs);
}
