import type { Engine, StoredEvent } from "../engine.ts";
import { holds } from "../expressions/evaluate.ts";
import { parseDuration } from "../protocol/durations.ts";
import type { Fn } from "../protocol/types.ts";
import type { Store } from "../store/open-store.ts";
import { setTimer, type Timer } from "../store/timers.ts";
import { keyPart } from "./keys.ts";

const maxBatchBytes = 10 * 1024 * 1024;

/** Puts the event into its batch, which runs when it is full, too large or old enough. False: the event is not batched. */
export function gatherBatch(engine: Engine, fn: Fn, { internalId, event }: StoredEvent): boolean {
  const { batchEvents } = fn.config;
  if (!batchEvents || !holds(batchEvents.if, { event })) return false;
  const { store } = engine;
  const now = Date.now();
  const id = `batch\n${fn.id}\n${keyPart(batchEvents.key, event)}`;
  const before = measure(store, id);
  store.run("insert into gathered_events (key, position, internal_id) values (?, ?, ?)", id, before.count, internalId);
  const bytes = before.bytes + Buffer.byteLength(JSON.stringify(event));
  const isFull = before.count + 1 >= batchEvents.maxSize || bytes >= maxBatchBytes;
  if (before.count === 0 || isFull) {
    const dueAt = isFull ? now : now + (parseDuration(batchEvents.timeout) ?? 1000);
    // A full batch gets a key of its own, so that the next event begins a new one.
    const key = isFull ? `${id}\n${internalId}` : id;
    if (isFull) {
      store.run("update gathered_events set key = ? where key = ?", key, id);
      store.run("delete from timers where id = ?", id);
    }
    const payload = { functionId: fn.id };
    setTimer(store, { id: key, kind: "batch", run_id: null, due_at: dueAt, payload });
  }
  engine.wake();
  return true;
}

/** Takes the function and the events out of a batch that is to run. */
export function takeBatch(store: Store, timer: Timer): { functionId: string; internalIds: string[] } {
  const { functionId } = JSON.parse(timer.payload) as { functionId: string };
  const rows = store.all<{ internal_id: string }>(
    "select internal_id from gathered_events where key = ? order by position",
    timer.id,
  );
  store.run("delete from gathered_events where key = ?", timer.id);
  return { functionId, internalIds: rows.map(({ internal_id: internalId }) => internalId) };
}

function measure(store: Store, key: string): { count: number; bytes: number } {
  const row = store.get<{ count: number; bytes: number | null }>(
    `select count(*) as count, sum(length(body)) as bytes from gathered_events join events using (internal_id)
     where key = ?`,
    key,
  );
  return { count: row?.count ?? 0, bytes: row?.bytes ?? 0 };
}
