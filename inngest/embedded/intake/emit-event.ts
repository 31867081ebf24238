import type { Engine } from "../engine.ts";
import { newUlid } from "../protocol/ids.ts";
import { saveEvent } from "../store/events.ts";

/** Takes in an event of the engine's own; it is routed before the transaction ends. Its id is new unless given. */
export function emitEvent(
  engine: Engine,
  { id, name, data, v }: { id?: string; name: string; data: Record<string, unknown>; v?: string },
): void {
  const now = Date.now();
  const internalId = newUlid();
  const event = { id: id ?? internalId, name, data, user: {}, ts: now, ...(v === undefined ? {} : { v }) };
  saveEvent(engine.store, internalId, event, now);
  engine.unrouted.push({ internalId, event });
}
