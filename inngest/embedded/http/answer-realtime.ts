import type { Engine } from "../engine.ts";
import { json, type Reply, type Request, refuse } from "./reply.ts";

/** `POST /v1/realtime/publish`: messages are not replayed, and nobody can subscribe here, so taking one is all. */
export function answerPublish({ log }: Engine, { query }: Request): Reply {
  const channel = query.get("channel");
  const topics = query.getAll("topic");
  if (!channel || topics.length === 0) return refuse(400, "channel and topic must be given");
  log("info", "a realtime message was published; this engine has no subscribers", { channel, topics });
  return json(200, { ok: true });
}

/** `POST /v1/realtime/token`: refused, so that nobody waits for messages that never come. */
export function answerToken(): Reply {
  return refuse(501, "realtime subscriptions are not supported by this engine");
}
