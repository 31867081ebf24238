import type { SQLInputValue } from "node:sqlite";
import type { Engine } from "../engine.ts";
import { cancelRun } from "../finish/finish-run.ts";
import { scheduleRun } from "../schedule/schedule-run.ts";
import { getRun, type Run } from "../store/runs.ts";
import { describeRunV1, describeRunV2 } from "./describe-run.ts";
import { describeTrace } from "./describe-trace.ts";
import { json, type Reply, type Request, readObject } from "./reply.ts";
import { readStoredEvents } from "./stored-events.ts";

/** `GET /v1/runs/:id`. */
export function answerRunV1(engine: Engine, { params: [id = ""] }: Request): Reply {
  const run = getRun(engine.store, id);
  return run ? json(200, { data: describeRunV1(engine, run) }) : notFound(id);
}

/** `GET /api/v2/runs/:id`. */
export function answerRun(engine: Engine, { params: [id = ""], query }: Request): Reply {
  const run = getRun(engine.store, id);
  return run ? answerData(describeRunV2(engine, run, asksOutput(query))) : notFound(id);
}

/** `GET /api/v2/runs/:id/trace`. */
export function answerTrace(engine: Engine, { params: [id = ""], query }: Request): Reply {
  const run = getRun(engine.store, id);
  if (!run) return notFound(id);
  return answerData({ runId: run.id, rootSpan: describeTrace(engine, run, asksOutput(query)) });
}

/** `GET /api/v2/runs`: newest first; `status`, `functionId` and `cursor` narrow it. */
export function answerRuns(engine: Engine, { query }: Request): Reply {
  const limit = Math.min(Math.max(Math.trunc(Number(query.get("limit") ?? 20)) || 20, 1), 100);
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const within = (column: string, wanted: string[]): void => {
    if (wanted.length === 0) return;
    conditions.push(`${column} in (select value from json_each(?))`);
    values.push(JSON.stringify(wanted));
  };
  within(
    "status",
    readList(query, "status").map((status) => status.toLowerCase()),
  );
  within("function_id", [...readList(query, "functionId"), ...readList(query, "function_id")]);
  const cursor = query.get("cursor");
  if (cursor) {
    conditions.push("id < ?");
    values.push(cursor);
  }
  const where = conditions.length > 0 ? `where ${conditions.join(" and ")}` : "";
  const found = engine.store.all<Run>(`select * from runs ${where} order by id desc limit ?`, ...values, limit + 1);
  const runs = found.slice(0, limit);
  const hasMore = found.length > limit;
  const data = runs.map((run) => describeRunV2(engine, run, asksOutput(query)));
  return json(200, {
    data,
    metadata: metadata(),
    page: { ...(hasMore ? { cursor: runs.at(-1)?.id } : {}), hasMore, limit },
  });
}

/** `POST /api/v2/runs/:id/rerun`: a new run for the same events; nothing of the old one is taken over. */
export function answerRerun(engine: Engine, { params: [id = ""], body }: Request): Reply {
  const asked = body.length === 0 ? {} : readObject(body);
  if (typeof asked === "string") return answerError(400, "invalid_request", asked);
  if (asked.fromStep ?? asked.from_step)
    return answerError(501, "not_implemented", "Rerun from a step is not supported");
  const run = getRun(engine.store, id);
  if (!run) return notFound(id);
  const fn = engine.functions.get(run.function_id);
  if (!fn) return answerError(404, "not_found", `Function ${run.function_id} is not registered any more`);
  const events = readStoredEvents(engine.store, id);
  const runId = engine.transact(() => scheduleRun(engine, fn, events, { rerunOf: id }));
  return runId ? answerData({ runId }) : answerError(422, "function_skipped", "The run was skipped");
}

/** `POST /api/v2/runs/:id/cancel`. */
export function answerCancel(engine: Engine, { params: [id = ""] }: Request): Reply {
  const run = getRun(engine.store, id);
  if (!run) return notFound(id);
  if (run.status === "cancelled") return answerError(409, "run_already_cancelled", "Run is already cancelled");
  if (run.ended_at !== null) return answerError(409, "run_already_ended", "Run has already ended");
  engine.transact(() => cancelRun(engine, id));
  return answerData({ runId: id });
}

/** `DELETE /v1/runs/:id`: cancels it; one that has ended stays as it is. */
export function answerCancelV1(engine: Engine, { params: [id = ""] }: Request): Reply {
  if (!getRun(engine.store, id)) return notFound(id);
  engine.transact(() => cancelRun(engine, id));
  return { status: 204, headers: {}, body: "" };
}

function answerData(data: unknown): Reply {
  return json(200, { data, metadata: metadata() });
}

export function answerError(status: number, code: string, message: string): Reply {
  return json(status, { errors: [{ code, message }], error: message, status });
}

function notFound(id: string): Reply {
  return answerError(404, "not_found", `Unable to load function run: ${id}`);
}

function metadata() {
  return { fetchedAt: new Date().toISOString(), cachedUntil: null };
}

function asksOutput(query: URLSearchParams): boolean {
  return (query.get("includeOutput") ?? query.get("include_output")) === "true";
}

function readList(query: URLSearchParams, name: string): string[] {
  return query.getAll(name).flatMap((value) => value.split(",").filter((part) => part !== ""));
}
