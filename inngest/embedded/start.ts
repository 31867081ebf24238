import { createEngine } from "./create-engine.ts";
import { serve } from "./http/serve.ts";
import { lockDataDir } from "./lock-data-dir.ts";
import { createLog } from "./log.ts";
import { runDispatcher } from "./queue/run-dispatcher.ts";
import type { Settings } from "./read-settings.ts";
import { releaseAllJobs } from "./store/jobs.ts";
import { openStore } from "./store/open-store.ts";
import { keepPruning } from "./store/prune.ts";
import { pollApps } from "./sync/poll-apps.ts";
import { loadFunctions } from "./sync/register-app.ts";

export interface Running {
  url: string;
  stop(): Promise<void>;
}

/** Starts the engine on its state: what an earlier life left undone goes on as soon as its app has registered. */
export async function start(settings: Settings): Promise<Running> {
  const unlock = lockDataDir(settings.dataDir);
  try {
    const log = createLog();
    const store = openStore(settings.dataDir);
    const engine = createEngine({ settings, store, log });
    const left = store.transaction(() => releaseAllJobs(store));
    if (left > 0) log("info", `${left} requests were under way when the engine before ended; they are sent again`);
    loadFunctions(engine);
    const serving = await serve(engine);
    const dispatcher = runDispatcher(engine);
    const polling = pollApps(engine);
    const pruning = keepPruning(engine);
    const stop = async () => {
      polling.stop();
      pruning.stop();
      await serving.close();
      await dispatcher.stop();
      store.close();
      unlock();
    };
    return { url: serving.url, stop };
  } catch (error) {
    unlock();
    throw error;
  }
}
