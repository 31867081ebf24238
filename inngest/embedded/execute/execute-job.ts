import type { Engine } from "../engine.ts";
import { finishRun } from "../finish/finish-run.ts";
import { limits } from "../protocol/limits.ts";
import { signBody } from "../protocol/sign.ts";
import { getLeasedJob, type Job, removeJob } from "../store/jobs.ts";
import { getActiveRun } from "../store/runs.ts";
import { buildRequest } from "./build-request.ts";
import { type Answer, answerTooLarge, callApp } from "./call-app.ts";
import { failAttempt } from "./fail-attempt.ts";
import { handleAnswer } from "./handle-answer.ts";

/** Sends one leased job to its app and carries out what the app answers. */
export async function executeJob(engine: Engine, job: Job, signal: AbortSignal): Promise<void> {
  const { store, settings } = engine;
  const run = getActiveRun(store, job.run_id);
  const fn = engine.functions.get(job.function_id);
  if (!run || !fn) {
    const message = `could not find function with ID: ${job.function_id}`;
    const output = JSON.stringify({ error: message, name: "Error", message });
    engine.transact(() => {
      removeJob(store, job.id);
      finishRun(engine, job.run_id, { status: "failed", output });
    });
    await store.settled();
    return;
  }
  if (run.step_count > limits.stepsPerRun) {
    const message = `The function run exceeded the step limit of ${limits.stepsPerRun} steps.`;
    const output = JSON.stringify({ error: message, name: "InngestErrFunctionOverflowed", message });
    engine.transact(() => finishRun(engine, run.id, { status: "failed", output }));
    await store.settled();
    return;
  }
  const startedAt = Date.now();
  const request = buildRequest(store, { job, run, fn, checkpointing: settings.checkpointing });
  const signature = settings.signingKey
    ? { "x-inngest-signature": signBody(settings.signingKey, request.body, startedAt) }
    : {};
  const outcome = await call({ ...request, headers: { ...request.headers, ...signature } }, signal);
  // The engine is stopping: the next one finds the job and sends it again.
  if (signal.aborted) return;

  engine.transact(() => {
    const current = getLeasedJob(store, job.id, job.generation);
    // The run was cancelled, or the job was sent again since: this answer is an orphan's.
    if (!current || !getActiveRun(store, job.run_id)) return;
    if ("error" in outcome) failAttempt(engine, current, { ...outcome, startedAt });
    else handleAnswer(engine, { job: current, fn, answer: outcome, startedAt });
  });
  await store.settled();
}

type Refused = { error: string; final: boolean; retryAt: null };

async function call(
  request: { url: string; headers: Record<string, string>; body: string },
  signal: AbortSignal,
): Promise<Answer | Refused> {
  try {
    const { requestTimeoutMs: timeoutMs, responseBytes: maxBytes } = limits;
    return await callApp({ method: "POST", ...request, timeoutMs, maxBytes, signal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isTooLarge = error instanceof Error && error.name === answerTooLarge;
    const message = isTooLarge ? `The function's output is too large: ${reason}` : "Unable to reach SDK URL";
    return {
      error: JSON.stringify({ error: message, name: "Error", message, stack: reason }),
      final: false,
      retryAt: null,
    };
  }
}
