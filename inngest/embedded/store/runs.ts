import type { Store } from "./open-store.ts";

export interface Run {
  id: string;
  function_id: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled";
  event_name: string;
  rank: number;
  request_version: number;
  force_plan: number;
  key_a: string | null;
  key_b: string | null;
  throttle_key: string | null;
  singleton_key: string | null;
  correlation_id: string | null;
  rerun_of: string | null;
  step_count: number;
  state_bytes: number;
  output: string | null;
  queued_at: number;
  started_at: number | null;
  ended_at: number | null;
}

export type NewRun = Omit<
  Run,
  "status" | "request_version" | "force_plan" | "step_count" | "output" | "started_at" | "ended_at"
> & { eventIds: string[] };

export function addRun(store: Store, run: NewRun): void {
  store.run(
    `insert into runs (id, function_id, status, event_name, rank, key_a, key_b, throttle_key, singleton_key,
       correlation_id, rerun_of, state_bytes, queued_at) values (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    run.id,
    run.function_id,
    run.event_name,
    run.rank,
    run.key_a,
    run.key_b,
    run.throttle_key,
    run.singleton_key,
    run.correlation_id,
    run.rerun_of,
    run.state_bytes,
    run.queued_at,
  );
  run.eventIds.forEach((internalId, position) => {
    store.run("insert into run_events (run_id, position, internal_id) values (?, ?, ?)", run.id, position, internalId);
  });
}

export function getRun(store: Store, id: string): Run | undefined {
  return store.get<Run>("select * from runs where id = ?", id);
}

/** The run, unless it is unknown or has ended. */
export function getActiveRun(store: Store, id: string): Run | undefined {
  return store.get<Run>("select * from runs where id = ? and ended_at is null", id);
}

/** The JSON texts of the events that started a run. */
export function readRunEvents(store: Store, runId: string): string[] {
  return store
    .all<{ body: string }>(
      "select e.body from run_events r join events e using (internal_id) where r.run_id = ? order by r.position",
      runId,
    )
    .map(({ body }) => body);
}
