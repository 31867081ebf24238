import type { Log } from "./log.ts";
import type { EventBody, Fn } from "./protocol/types.ts";
import type { Settings } from "./read-settings.ts";
import type { Store } from "./store/open-store.ts";

export interface StoredEvent {
  internalId: string;
  event: EventBody;
}

/** What every part of the engine works with. */
export interface Engine {
  settings: Settings;
  store: Store;
  log: Log;
  /** The registered functions by id. */
  functions: Map<string, Fn>;
  /** The apps that have registered in this life of the engine; others are not called. */
  reachableApps: Set<string>;
  /** Events that came up in the transaction under way. */
  unrouted: StoredEvent[];
  /** Runs one transition: all of it is kept or none, with all that its events bring about. */
  transact<T>(work: () => T): T;
  /** Tells the dispatcher that work may be due. */
  wake(): void;
}
