import type { EventBody } from "../protocol/types.ts";
import type { Store } from "./open-store.ts";

/** Keeps an event. False: it is known already, so its sender only asked again. */
export function saveEvent(store: Store, internalId: string, event: EventBody, nowMs: number): boolean {
  const added = store.run(
    "insert or ignore into events (internal_id, id, name, ts, received_at, body) values (?, ?, ?, ?, ?, ?)",
    internalId,
    event.id,
    event.name,
    event.ts,
    nowMs,
    JSON.stringify(event),
  );
  return added > 0;
}

export function readEvent(store: Store, internalId: string): EventBody | undefined {
  const row = store.get<{ body: string }>("select body from events where internal_id = ?", internalId);
  return row && (JSON.parse(row.body) as EventBody);
}
