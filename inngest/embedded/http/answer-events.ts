import type { Engine, StoredEvent } from "../engine.ts";
import { routeEvent } from "../intake/route-event.ts";
import { newUlid, ulidFromSeed } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { EventBody } from "../protocol/types.ts";
import { saveEvent } from "../store/events.ts";
import { json, type Reply, type Request, readJson, refuse } from "./reply.ts";

/** `POST /e/:key`: takes in one event or a list. What stands before the first bad one is accepted, as on the server. */
export function answerEvents(engine: Engine, { params, headers, body }: Request): Reply {
  const { eventKeys } = engine.settings;
  if (eventKeys.length > 0 && !eventKeys.includes(params[0] ?? "")) return refuse(401, "Event key not found");
  const value = readJson(body);
  if (typeof value !== "object" || value === null)
    return refuseEvents([], "The body must be an event or a list of them");
  const given: unknown[] = Array.isArray(value) ? value : [value];
  const seed = headers["x-inngest-event-id-seed"];
  const now = Date.now();
  const accepted: StoredEvent[] = [];
  let problem: string | null = given.length > limits.eventsPerRequest ? "too many events in one request" : null;
  for (const [index, each] of given.slice(0, limits.eventsPerRequest).entries()) {
    const internalId = (typeof seed === "string" ? ulidFromSeed(seed, index) : null) ?? newUlid(now);
    const event = readEventBody(each, internalId, now);
    if (typeof event === "string") {
      problem = event;
      break;
    }
    accepted.push({ internalId, event });
  }
  engine.transact(() => {
    for (const stored of accepted) {
      if (saveEvent(engine.store, stored.internalId, stored.event, now)) routeEvent(engine, stored);
    }
  });
  const ids = accepted.map(({ internalId }) => internalId);
  return problem === null ? json(200, { ids, status: 200 }) : refuseEvents(ids, problem);
}

function refuseEvents(ids: string[], error: string): Reply {
  return json(400, { ids, status: 400, error });
}

/** The event as it is kept, or a sentence about what is wrong with it. */
function readEventBody(value: unknown, internalId: string, nowMs: number): EventBody | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "An event must be an object";
  const { id, name, data, user, ts, v, ...rest } = value as Record<string, unknown>;
  if (typeof name !== "string" || name === "") return "event name is empty";
  if (name.startsWith("inngest/")) return "event name is reserved for internal use";
  if (!isObjectOrAbsent(data)) return "event data must be an object";
  if (!isObjectOrAbsent(user)) return "event user must be an object";
  if (id !== undefined && id !== null && typeof id !== "string") return "event id must be a string";
  if (ts !== undefined && ts !== null && !(Number.isSafeInteger(ts) && Number(ts) >= 0)) {
    return "event ts must be milliseconds since 1970";
  }
  if (v !== undefined && v !== null && typeof v !== "string") return "event v must be a string";
  const meta = "meta" in rest && isObjectOrAbsent(rest.meta) && rest.meta ? { meta: rest.meta } : {};
  const event: EventBody = {
    id: id ? id : internalId,
    name,
    data: data ?? {},
    user: user ?? {},
    ts: ts ? Number(ts) : nowMs,
    ...(v ? { v } : {}),
    ...meta,
  };
  return Buffer.byteLength(JSON.stringify(event)) > limits.eventBytes ? "event is too large" : event;
}

function isObjectOrAbsent(value: unknown): value is Record<string, unknown> | undefined | null {
  return value === undefined || value === null || (typeof value === "object" && !Array.isArray(value));
}
