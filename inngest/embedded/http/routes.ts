import type { Engine } from "../engine.ts";
import { limits } from "../protocol/limits.ts";
import { answerCheckpoint } from "./answer-checkpoint.ts";
import { answerEvent, answerEventList, answerEventRuns, answerEventRunsV1, answerInvoke } from "./answer-event-runs.ts";
import { answerEvents } from "./answer-events.ts";
import { answerFunctions } from "./answer-functions.ts";
import { answerPage } from "./answer-page.ts";
import { answerPublish, answerToken } from "./answer-realtime.ts";
import { answerRegister } from "./answer-register.ts";
import {
  answerCancel,
  answerCancelV1,
  answerRerun,
  answerRun,
  answerRuns,
  answerRunV1,
  answerTrace,
} from "./answer-runs.ts";
import { answerActions, answerBatch } from "./answer-state.ts";
import { json, type Reply, type Request } from "./reply.ts";

export interface Route {
  method: string;
  /** A path; `:` stands for one part of it. */
  path: string;
  /** Whether the signing key is asked for, when there is one. */
  isPrivate: boolean;
  maxBytes: number;
  answer: (engine: Engine, request: Request) => Reply | Promise<Reply>;
}

const small = 1024 * 1024;

const route = (method: string, path: string, answer: Route["answer"], more: Partial<Route> = {}): Route => ({
  method,
  path,
  answer,
  isPrivate: true,
  maxBytes: small,
  ...more,
});

export const routes: Route[] = [
  route("POST", "/e/:", answerEvents, { isPrivate: false, maxBytes: limits.eventBodyBytes }),
  route("POST", "/fn/register", answerRegister, { maxBytes: 8 * small }),
  route("POST", "/v1/checkpoint/:/async", answerCheckpoint, { maxBytes: limits.eventBodyBytes }),
  route("GET", "/v0/runs/:/actions", answerActions),
  route("GET", "/v0/runs/:/batch", answerBatch),
  route("GET", "/v1/events", answerEventList),
  route("GET", "/v1/events/:", answerEvent),
  route("GET", "/v1/events/:/runs", answerEventRunsV1),
  route("GET", "/v1/runs/:", answerRunV1),
  route("DELETE", "/v1/runs/:", answerCancelV1),
  route("GET", "/api/v2/runs", answerRuns),
  route("GET", "/api/v2/runs/:", answerRun),
  route("GET", "/api/v2/runs/:/trace", answerTrace),
  route("POST", "/api/v2/runs/:/rerun", answerRerun),
  route("POST", "/api/v2/runs/:/cancel", answerCancel),
  route("GET", "/api/v2/events/:/runs", answerEventRuns),
  route("POST", "/invoke/:", answerInvoke, { maxBytes: 4 * small }),
  route("POST", "/v1/realtime/publish", answerPublish),
  route("POST", "/v1/realtime/token", answerToken),
  route("GET", "/", answerPage, { isPrivate: false }),
  route("GET", "/page/functions", answerFunctions),
  route("GET", "/health", answerHealth, { isPrivate: false }),
  // The SDK asks here whether a development server runs.
  route("GET", "/dev", ({ functions }) => json(200, { version: "embedded", functions: [...functions.keys()] }), {
    isPrivate: false,
  }),
];

function answerHealth({ reachableApps }: Engine): Reply {
  return json(200, { status: "ok", synced: reachableApps.size });
}
