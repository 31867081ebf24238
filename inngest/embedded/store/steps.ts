import type { Store } from "./open-store.ts";

export interface Step {
  run_id: string;
  id: string;
  position: number;
  name: string;
  op: string;
  value: string;
  failed: number;
  attempt: number;
  started_at: number | null;
  ended_at: number;
}

export interface StepResult {
  id: string;
  name: string;
  op: string;
  /** JSON that the SDK is given for the step. */
  value: string;
  failed?: boolean;
  attempt?: number;
  startedAt?: number | null;
  endedAt: number;
}

/** Keeps a step's result. What is kept already stays: a step's first result is its only one. */
export function saveStep(store: Store, runId: string, step: StepResult): boolean {
  const added = store.run(
    `insert or ignore into steps (run_id, id, position, name, op, value, failed, attempt, started_at, ended_at)
     values (?, ?, (select step_count from runs where id = ?1), ?, ?, ?, ?, ?, ?, ?)`,
    runId,
    step.id,
    step.name,
    step.op,
    step.value,
    step.failed ? 1 : 0,
    step.attempt ?? 0,
    step.startedAt ?? null,
    step.endedAt,
  );
  if (added > 0) {
    store.run(
      "update runs set step_count = step_count + 1, state_bytes = state_bytes + ? where id = ?",
      Buffer.byteLength(step.value),
      runId,
    );
  }
  store.run("delete from pending_steps where run_id = ? and id = ?", runId, step.id);
  return added > 0;
}

export function readSteps(store: Store, runId: string): Step[] {
  return store.all<Step>("select * from steps where run_id = ? order by position", runId);
}

export function hasStep(store: Store, runId: string, stepId: string): boolean {
  return store.get("select 1 from steps where run_id = ? and id = ?", runId, stepId) !== undefined;
}

export function addPendingSteps(store: Store, runId: string, stepIds: string[]): void {
  for (const id of stepIds) store.run("insert or ignore into pending_steps (run_id, id) values (?, ?)", runId, id);
}

export function hasPendingSteps(store: Store, runId: string): boolean {
  return store.get("select 1 from pending_steps where run_id = ? limit 1", runId) !== undefined;
}
