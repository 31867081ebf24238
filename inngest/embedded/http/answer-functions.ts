import type { Engine } from "../engine.ts";
import { json, type Reply } from "./reply.ts";

/** `GET /page/functions`: what the page at `/` lists; made for that page alone. */
export function answerFunctions({ functions, reachableApps, store, settings }: Engine): Reply {
  const counts = store.all<{ function_id: string; status: string; count: number }>(
    "select function_id, status, count(*) as count from runs group by function_id, status",
  );
  const data = [...functions.values()].map((fn) => ({
    id: fn.id,
    name: fn.config.name,
    app: fn.app,
    triggers: fn.config.triggers.map((trigger) => trigger.event ?? trigger.cron ?? ""),
    isReachable: reachableApps.has(fn.app),
    runs: Object.fromEntries(
      counts.filter(({ function_id: id }) => id === fn.id).map(({ status, count }) => [status, count]),
    ),
  }));
  return json(200, { data, sdkUrls: settings.sdkUrls });
}
