import type { Engine } from "../engine.ts";
import { emitEvent } from "../intake/emit-event.ts";
import { isAwaited } from "../intake/match-name.ts";
import { answerInvoke, readCorrelation } from "../intake/refuse-invoke.ts";
import type { EventBody } from "../protocol/types.ts";
import { getActiveRun, readRunEvents } from "../store/runs.ts";
import { describeError } from "./describe-error.ts";

export interface Outcome {
  status: "completed" | "failed" | "cancelled";
  /** JSON: the function's result, or what it threw. */
  output: string | null;
}

const spoken = { completed: "Completed", failed: "Failed", cancelled: "Cancelled" } as const;

/** Ends a run: nothing of it is left to do, whoever invoked it is answered, and its end is told by events. */
export function finishRun(engine: Engine, runId: string, { status, output }: Outcome): void {
  const { store } = engine;
  const run = getActiveRun(store, runId);
  if (!run) return;
  store.run("update runs set status = ?, output = ?, ended_at = ? where id = ?", status, output, Date.now(), runId);
  for (const table of ["jobs", "timers", "waits", "pending_steps"]) {
    store.run(`delete from ${table} where run_id = ?`, runId);
  }
  // A place is free now, or a waiting key is.
  engine.wake();

  const isCorrelated = run.correlation_id !== null;
  const names = ["inngest/function.finished", `inngest/function.${status}`].filter(
    (name) => name !== "inngest/function.completed" && isAwaited(engine, name),
  );
  if (names.length === 0 && !isCorrelated) return;
  const events = readRunEvents(store, runId).map((body) => JSON.parse(body) as EventBody);
  const result = output === null ? undefined : (JSON.parse(output) as unknown);
  const base = {
    function_id: run.function_id,
    run_id: runId,
    events,
    ...(status === "failed" ? { error: describeError(result) } : {}),
    ...(status === "cancelled" ? {} : { result }),
    _inngest: { status: spoken[status] },
  };
  events.forEach((event, position) => {
    // What these events start must not go round in circles.
    if (event.name === "inngest/function.failed" || event.name === "inngest/function.finished") return;
    const correlation = readCorrelation(event);
    if (correlation === null && position > 0) return;
    const data = { ...base, event, ...(correlation === null ? {} : { correlation_id: correlation }) };
    for (const name of names) emitEvent(engine, { ...(name.endsWith(".finished") ? {} : { id: runId }), name, data });
    if (correlation === null) return;
    if (status === "completed") answerInvoke(engine, correlation, { data: result ?? null });
    else if (status === "failed") answerInvoke(engine, correlation, { error: describeError(result) });
    else answerInvoke(engine, correlation, { error: cancelledError });
  });
}

const cancelledError = { error: "Function cancelled", name: "Error", message: "Function cancelled" };

/** Cancels a run; a request under way is not called back, but what it reports is not kept. */
export function cancelRun(engine: Engine, runId: string): void {
  finishRun(engine, runId, { status: "cancelled", output: null });
}
