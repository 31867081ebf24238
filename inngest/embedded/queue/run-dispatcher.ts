import { fireCrons, nextCronAt } from "../cron/fire-crons.ts";
import type { Engine } from "../engine.ts";
import { executeJob } from "../execute/execute-job.ts";
import type { Job } from "../store/jobs.ts";
import { claimJobs, nextJobAt, noteServed, type ServedKeys } from "./claim-jobs.ts";
import { fireTimers, nextTimerAt } from "./fire-timers.ts";

/** No timer is set for longer: clocks are corrected, machines sleep. */
const longestPauseMs = 30_000;

export interface Dispatcher {
  /** Calls nobody any more; requests under way are broken off, and the next engine sends them again. */
  stop(): Promise<void>;
}

/** Watches the queue: does what is due, whenever `engine.wake` is called or the next time comes. */
export function runDispatcher(engine: Engine): Dispatcher {
  const { settings, log, store } = engine;
  const working = new Map<Job, Promise<void>>();
  const served: ServedKeys = new Map();
  const stopping = new AbortController();
  let next: NodeJS.Timeout | NodeJS.Immediate | null = null;
  let nextAt = Number.POSITIVE_INFINITY;
  let lookedAt = 0;

  const lookAt = (atMs: number): void => {
    if (stopping.signal.aborted || atMs >= nextAt) return;
    if (next) cancel(next);
    nextAt = atMs;
    const delay = atMs - Date.now();
    next = delay <= 0 ? setImmediate(look) : setTimeout(look, delay);
  };

  const look = (): void => {
    next = null;
    nextAt = Number.POSITIVE_INFINITY;
    lookedAt = Date.now();
    try {
      fireCrons(engine);
      const moreTimers = fireTimers(engine);
      dispatch();
      store.settled().catch((error: unknown) => {
        log("error", "the state could not be written", { error: String(error) });
        lookAt(Date.now() + 1000);
      });
      const times = [nextTimerAt(engine), nextCronAt(engine), nextJobAt(engine, lookedAt), lookedAt + longestPauseMs];
      const earliest = moreTimers ? lookedAt : Math.min(...times.filter((at) => at !== null));
      lookAt(Math.max(earliest, lookedAt + settings.tickMs));
    } catch (error) {
      log("error", "the queue could not be read", { error: String(error) });
      lookAt(Date.now() + 1000);
    }
  };

  const dispatch = (): void => {
    const room = settings.workers - working.size;
    if (room <= 0) return;
    const places = { working: working.keys(), served };
    for (const job of engine.transact(() => claimJobs(engine, places, room))) start(job);
  };

  const start = (job: Job): void => {
    noteServed(served, job);
    // The lease must be on the disk before the app hears of it: its generation may not be given out twice.
    const running = store
      .settled()
      .then(() => executeJob(engine, job, stopping.signal))
      .catch((error: unknown) => {
        log("error", "a job failed inside the engine", { job: job.id, run: job.run_id, error: String(error) });
        giveBack(job);
      })
      .finally(() => {
        working.delete(job);
        engine.wake();
      });
    working.set(job, running);
  };

  const giveBack = (job: Job): void => {
    if (stopping.signal.aborted) return;
    const sql = "update jobs set leased_at = null, due_at = ? where id = ? and generation = ?";
    try {
      store.run(sql, Date.now() + 1000, job.id, job.generation);
    } catch (error) {
      log("error", "a job could not be given back; it is sent again when the engine starts anew", {
        error: String(error),
      });
    }
  };

  engine.wake = () => lookAt(Math.max(Date.now(), lookedAt + settings.tickMs));
  engine.wake();

  return {
    stop: async () => {
      stopping.abort();
      if (next) cancel(next);
      await Promise.allSettled(working.values());
    },
  };
}

function cancel(timer: NodeJS.Timeout | NodeJS.Immediate): void {
  if ("hasRef" in timer && "refresh" in timer) clearTimeout(timer);
  else clearImmediate(timer as NodeJS.Immediate);
}
