import type { Engine } from "../engine.ts";
import { finishRun } from "../finish/finish-run.ts";
import type { Fn } from "../protocol/types.ts";
import type { Job } from "../store/jobs.ts";
import { applyOps } from "./apply-ops.ts";
import type { Answer } from "./call-app.ts";
import { failAttempt, readRetryAfter } from "./fail-attempt.ts";
import { readOps } from "./read-ops.ts";

/** Carries out what the app answered to a job; runs inside a transaction. */
export function handleAnswer(
  engine: Engine,
  { job, fn, answer, startedAt }: { job: Job; fn: Fn; answer: Answer; startedAt: number },
): void {
  const { status, headers, body } = answer;
  const retryAt = readRetryAfter(headers["retry-after"], Date.now());
  const fail = (error: string, final: boolean) => failAttempt(engine, job, { error, final, retryAt, startedAt });

  if (status === 200) {
    finishRun(engine, job.run_id, { status: "completed", output: asJson(body) });
    return;
  }
  if (!headers["x-inngest-sdk"]) {
    fail(foreignAnswer(answer), false);
    return;
  }
  if (status === 206) {
    const ops = readOps(body);
    if (ops === null) {
      fail(errorText("The SDK's answer could not be read", body.slice(0, 500)), false);
      return;
    }
    const version = Number(headers["x-inngest-req-version"]);
    engine.store.run(
      "update runs set request_version = ? where id = ? and request_version = -1",
      Number.isInteger(version) ? version : 2,
      job.run_id,
    );
    const noRetry = headers["x-inngest-no-retry"] === "true";
    applyOps(engine, { job, fn, ops, retryAt, noRetry, startedAt });
    return;
  }
  // Without the header everything is tried again, 4xx too.
  fail(asJson(body), headers["x-inngest-no-retry"] === "true");
}

function foreignAnswer({ status, headers, body }: Answer): string {
  const detail = `HTTP ${status}, ${headers["content-type"] ?? "unknown content-type"}: ${body.slice(0, 500)}`;
  return errorText("The response did not come from an Inngest SDK", detail);
}

function errorText(message: string, stack: string): string {
  return JSON.stringify({ error: message, name: "Error", message, stack });
}

function asJson(text: string): string {
  if (text === "") return "null";
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
