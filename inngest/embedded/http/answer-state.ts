import type { Engine } from "../engine.ts";
import { getRun, readRunEvents } from "../store/runs.ts";
import { readSteps } from "../store/steps.ts";
import { type Reply, type Request, refuse } from "./reply.ts";

const headers = { "content-type": "application/json" };

/** `GET /v0/runs/:id/actions`: the finished steps of a run whose state was too large to send. */
export function answerActions({ store }: Engine, { params: [runId = ""] }: Request): Reply {
  if (!getRun(store, runId)) return refuse(404, "run not found");
  const steps = readSteps(store, runId).map(({ id, value }) => `"${id}":${value}`);
  return { status: 200, headers, body: `{${steps.join(",")}}` };
}

/** `GET /v0/runs/:id/batch`: the events of a run. */
export function answerBatch({ store }: Engine, { params: [runId = ""] }: Request): Reply {
  if (!getRun(store, runId)) return refuse(404, "run not found");
  return { status: 200, headers, body: `[${readRunEvents(store, runId).join(",")}]` };
}
