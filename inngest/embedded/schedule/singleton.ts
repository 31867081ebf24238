import type { EventBody, Fn } from "../protocol/types.ts";
import type { Store } from "../store/open-store.ts";
import { keyPart } from "./keys.ts";

export function singletonKey(fn: Fn, event: EventBody): string | null {
  const { singleton } = fn.config;
  return singleton ? `${fn.id}\n${keyPart(singleton.key, event)}` : null;
}

/** The run that has the key now. */
export function findSingleton(store: Store, key: string): { id: string } | undefined {
  return store.get<{ id: string }>("select id from runs where singleton_key = ? and ended_at is null limit 1", key);
}
