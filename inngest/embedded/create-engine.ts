import type { Engine } from "./engine.ts";
import { routeEvent } from "./intake/route-event.ts";
import type { Log } from "./log.ts";
import type { Settings } from "./read-settings.ts";
import type { Store } from "./store/open-store.ts";

export function createEngine({ settings, store, log }: { settings: Settings; store: Store; log: Log }): Engine {
  const engine: Engine = {
    settings,
    store,
    log,
    functions: new Map(),
    reachableApps: new Set(),
    unrouted: [],
    transact: (work) => {
      try {
        return store.transaction(() => {
          const result = work();
          for (let next = engine.unrouted.shift(); next; next = engine.unrouted.shift()) routeEvent(engine, next);
          return result;
        });
      } finally {
        engine.unrouted.length = 0;
      }
    },
    wake: () => {},
  };
  return engine;
}
