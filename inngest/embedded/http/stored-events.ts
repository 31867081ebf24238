import type { StoredEvent } from "../engine.ts";
import type { EventBody } from "../protocol/types.ts";
import type { Store } from "../store/open-store.ts";

interface Row {
  internal_id: string;
  received_at: number;
  body: string;
}

/** The events that started a run. */
export function readStoredEvents(store: Store, runId: string): StoredEvent[] {
  const rows = store.all<Row>(
    "select e.* from run_events r join events e using (internal_id) where r.run_id = ? order by r.position",
    runId,
  );
  return rows.map(({ internal_id: internalId, body }) => ({ internalId, event: JSON.parse(body) as EventBody }));
}

/** An event as the API shows it. */
export function describeEvent({ internal_id: internalId, received_at: receivedAt, body }: Row) {
  const event = JSON.parse(body) as EventBody;
  return { internal_id: internalId, received_at: new Date(receivedAt).toISOString(), ...event };
}

/** By the internal id that `/e` answered, else by the id that its sender gave. */
export function findEvent(store: Store, id: string): Row | undefined {
  return (
    store.get<Row>("select * from events where internal_id = ?", id) ??
    store.get<Row>("select * from events where id = ? order by received_at desc limit 1", id)
  );
}

export function listEvents(store: Store, name: string | null, limit: number): Row[] {
  const sql = "select * from events where ? is null or name = ?1 order by internal_id desc limit ?2";
  return store.all<Row>(sql, name, limit);
}
