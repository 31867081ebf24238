import type { Engine } from "../engine.ts";
import type { Store } from "./open-store.ts";

const everyMs = 60_000;
const batchSize = 500;

/** Removes ended runs and events nobody needs any more, a batch at a time, so that the state file does not grow for ever. */
export function keepPruning({ store, settings, log }: Engine): { stop(): void } {
  let timer: NodeJS.Timeout | null = null;
  const look = (): void => {
    try {
      const removed = prune(store, Date.now() - settings.retentionMs);
      timer = setTimeout(look, removed >= batchSize ? 50 : everyMs);
    } catch (error) {
      log("error", "old runs could not be removed", { error: String(error) });
      timer = setTimeout(look, everyMs);
    }
    timer.unref();
  };
  timer = setTimeout(look, 1000);
  timer.unref();
  return { stop: () => timer && clearTimeout(timer) };
}

function prune(store: Store, beforeMs: number): number {
  return store.transaction(() => {
    const runs = store.run(
      "delete from runs where id in (select id from runs where ended_at is not null and ended_at < ? limit ?)",
      beforeMs,
      batchSize,
    );
    const events = store.run(
      `delete from events where internal_id in (
         select internal_id from events e where received_at < ?
           and not exists (select 1 from run_events r where r.internal_id = e.internal_id)
           and not exists (select 1 from gathered_events g where g.internal_id = e.internal_id)
           and not exists (select 1 from timers t where t.kind = 'debounce' and t.payload like '%' || e.internal_id || '%')
         limit ?)`,
      beforeMs,
      batchSize,
    );
    store.run("delete from dedupe where until_at < ?", Date.now());
    store.run("delete from arrivals where at < ?", Date.now());
    if (runs + events > 0) store.all("pragma incremental_vacuum(200)");
    return Math.max(runs, events);
  });
}
