import { limits } from "../protocol/limits.ts";
import type { Fn } from "../protocol/types.ts";
import type { Job } from "../store/jobs.ts";
import type { Store } from "../store/open-store.ts";
import { type Run, readRunEvents } from "../store/runs.ts";
import { readSteps } from "../store/steps.ts";

export interface RunRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The call that runs a job. State that is too large is left out: the SDK then asks for it. */
export function buildRequest(
  store: Store,
  { job, run, fn, checkpointing }: { job: Job; run: Run; fn: Fn; checkpointing: boolean },
): RunRequest {
  const requestId = `${job.id}-${job.generation}`;
  const events = readRunEvents(store, run.id);
  const steps = run.state_bytes > limits.inlineStateBytes ? [] : readSteps(store, run.id);
  const ids =
    steps.length > 0 || run.step_count === 0
      ? steps.map(({ id }) => id)
      : store
          .all<{ id: string }>("select id from steps where run_id = ? order by position", run.id)
          .map(({ id }) => id);
  const context = (useApi: boolean) => ({
    run_id: run.id,
    // Without it the SDK reports each step in an answer of its own.
    ...(checkpointing ? { fn_id: fn.uuid } : {}),
    qi_id: job.id,
    generation_id: job.generation,
    request_id: requestId,
    job_id: job.id,
    step_id: "step",
    env: "",
    attempt: job.attempt,
    max_attempts: fn.maxAttempts,
    disable_immediate_execution: run.force_plan === 1,
    stack: { stack: ids, current: ids.length },
    use_api: useApi,
  });
  const write = (useApi: boolean) => {
    const stepTexts = useApi ? [] : steps.map(({ id, value }) => `"${id}":${value}`);
    const parts = [
      `"event":${events[0] ?? "{}"}`,
      `"events":[${useApi ? "" : events.join(",")}]`,
      `"steps":{${stepTexts.join(",")}}`,
      `"ctx":${JSON.stringify(context(useApi))}`,
      `"version":${run.request_version}`,
      `"use_api":${useApi}`,
      `"defers":{}`,
    ];
    return `{${parts.join(",")}}`;
  };
  let body = write(run.state_bytes > limits.inlineStateBytes);
  if (Buffer.byteLength(body) > limits.requestBytes) body = write(true);

  const url = new URL(fn.url);
  url.searchParams.set("stepId", job.step_id ?? "step");
  return {
    url: url.href,
    headers: {
      "content-type": "application/json",
      "x-inngest-req-version": String(run.request_version),
      "x-inngest-step-id": job.step_id ?? "step",
      "x-run-id": run.id,
      "x-request-id": requestId,
      "x-inngest-job-id": job.id,
      "x-inngest-generation-id": String(job.generation),
    },
    body,
  };
}
