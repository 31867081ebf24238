import { newUlid } from "../protocol/ids.ts";
import type { Store } from "./open-store.ts";
import type { Run } from "./runs.ts";

export interface Job {
  id: string;
  run_id: string;
  function_id: string;
  app: string;
  step_id: string | null;
  step_name: string | null;
  race: number;
  due_at: number;
  started: number;
  rank: number;
  attempt: number;
  generation: number;
  leased_at: number | null;
  key_a: string | null;
  key_b: string | null;
  throttle_key: string | null;
  created_at: number;
}

export interface NewJob {
  app: string;
  dueAt: number;
  step?: { id: string; name: string; race: boolean };
}

/** Queues a request. A step that is queued already stays as it is. */
export function addJob(store: Store, run: Run, { app, dueAt, step }: NewJob): string {
  const id = newUlid();
  store.run(
    `insert or ignore into jobs (id, run_id, function_id, app, step_id, step_name, race, due_at, started,
       rank, key_a, key_b, throttle_key, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    run.id,
    run.function_id,
    app,
    step?.id ?? null,
    step?.name ?? null,
    step?.race ? 1 : 0,
    dueAt,
    run.started_at === null ? 0 : 1,
    run.rank,
    run.key_a,
    run.key_b,
    run.started_at === null ? run.throttle_key : null,
    Date.now(),
  );
  return id;
}

/** The job as it was leased, unless it is gone or was leased again since. */
export function getLeasedJob(store: Store, id: string, generation: number): Job | undefined {
  return store.get<Job>("select * from jobs where id = ? and generation = ? and leased_at is not null", id, generation);
}

export function removeJob(store: Store, id: string): void {
  store.run("delete from jobs where id = ?", id);
}

/** Gives a job back, to be sent again at `dueAt` as the given attempt. */
export function retryJob(store: Store, id: string, attempt: number, dueAt: number): void {
  store.run("update jobs set leased_at = null, attempt = ?, due_at = ? where id = ?", attempt, dueAt, id);
}

/** On boot: what the process before had leased is due again. */
export function releaseAllJobs(store: Store): number {
  return store.run("update jobs set leased_at = null where leased_at is not null");
}
