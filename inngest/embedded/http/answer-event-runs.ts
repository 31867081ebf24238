import type { Engine } from "../engine.ts";
import { emitEvent } from "../intake/emit-event.ts";
import type { Run } from "../store/runs.ts";
import { answerError } from "./answer-runs.ts";
import { describeRunV1, describeRunV2 } from "./describe-run.ts";
import { json, type Reply, type Request, readObject } from "./reply.ts";
import { describeEvent, findEvent, listEvents } from "./stored-events.ts";

/** `GET /v1/events`: the newest first, of one name if asked. */
export function answerEventList({ store }: Engine, { query }: Request): Reply {
  const limit = Math.min(Math.max(Math.trunc(Number(query.get("limit") ?? 20)) || 20, 1), 100);
  return json(200, { data: listEvents(store, query.get("name"), limit).map(describeEvent) });
}

/** `GET /v1/events/:id`. */
export function answerEvent({ store }: Engine, { params: [id = ""] }: Request): Reply {
  const event = findEvent(store, id);
  return event ? json(200, { data: describeEvent(event) }) : notFound(id);
}

/** `GET /v1/events/:id/runs`: the runs that an event started. */
export function answerEventRunsV1(engine: Engine, { params: [id = ""] }: Request): Reply {
  const runs = findRuns(engine, id);
  return runs ? json(200, { data: runs.map((run) => describeRunV1(engine, run)) }) : notFound(id);
}

/** `GET /api/v2/events/:id/runs`. */
export function answerEventRuns(engine: Engine, { params: [id = ""], query }: Request): Reply {
  const runs = findRuns(engine, id);
  if (!runs) return notFound(id);
  const includeOutput = query.get("includeOutput") === "true";
  const data = runs.map((run) => describeRunV2(engine, run, includeOutput));
  return json(200, { data, page: { hasMore: false, limit: data.length } });
}

/** `POST /invoke/:function`: runs one function for the data given, whatever its triggers. */
export function answerInvoke(engine: Engine, { params: [id = ""], body }: Request): Reply {
  const asked = body.length === 0 ? {} : readObject(body);
  if (typeof asked === "string") return answerError(400, "invalid_request", asked);
  if (!engine.functions.has(id)) return answerError(404, "not_found", `Unknown function: ${id}`);
  const { data = {} } = asked;
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    return answerError(400, "invalid_request", "data must be an object");
  }
  const invoked = { ...data, _inngest: { fn_id: id } };
  engine.transact(() => emitEvent(engine, { name: "inngest/function.invoked", data: invoked }));
  return json(200, { status: 200 });
}

function findRuns(engine: Engine, eventId: string): Run[] | null {
  const event = findEvent(engine.store, eventId);
  if (!event) return null;
  return engine.store.all<Run>(
    "select runs.* from run_events r join runs on runs.id = r.run_id where r.internal_id = ? order by runs.id",
    event.internal_id,
  );
}

function notFound(id: string): Reply {
  return answerError(404, "not_found", `Unable to load event: ${id}`);
}
