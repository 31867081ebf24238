import type { Engine } from "../engine.ts";
import { limits } from "../protocol/limits.ts";
import { answerCheckpoint } from "./answer-checkpoint.ts";
import { answerEvents } from "./answer-events.ts";
import { answerRegister } from "./answer-register.ts";
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
  route("GET", "/health", answerHealth, { isPrivate: false }),
  // The SDK asks here whether a development server runs.
  route("GET", "/dev", ({ functions }) => json(200, { version: "embedded", functions: [...functions.keys()] }), {
    isPrivate: false,
  }),
];

function answerHealth({ reachableApps }: Engine): Reply {
  return json(200, { status: "ok", synced: reachableApps.size });
}
