import type { Engine } from "../engine.ts";
import { addJob } from "../store/jobs.ts";
import { getActiveRun } from "../store/runs.ts";
import { hasPendingSteps } from "../store/steps.ts";

/** After a step has ended: asks the app what comes next, once every step of the same plan has ended, or at once in a race. */
export function continueRun(engine: Engine, runId: string, race: boolean): void {
  const { store } = engine;
  const run = getActiveRun(store, runId);
  const isParallel = run !== undefined && hasPendingSteps(store, runId);
  if (!run || (isParallel && !race)) return;
  // Parallel work is over, so the app may again run what it finds at once. While some of it goes on, as in a race,
  // the app only plans: what it ran at once could be under way already.
  if (run.force_plan === 1 && run.request_version >= 2 && !isParallel) {
    store.run("update runs set force_plan = 0 where id = ?", runId);
  }
  const app = engine.functions.get(run.function_id)?.app ?? "";
  addJob(store, run, { app, dueAt: Date.now() });
  engine.wake();
}
