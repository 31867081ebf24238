import type { Engine } from "../engine.ts";
import { uuidOf } from "../protocol/ids.ts";
import { type Run, readRunEvents } from "../store/runs.ts";

const spoken = {
  queued: "Running",
  running: "Running",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
} as const;

/** A run as the first version of the API shows it. */
export function describeRunV1(engine: Engine, run: Run) {
  const [eventId = null] = eventIdsOf(engine, run.id);
  return {
    run_id: run.id,
    run_started_at: toTime(run.started_at ?? run.queued_at),
    function_id: uuidOf(run.function_id),
    function_version: 1,
    environment_id: environmentId,
    event_id: eventId,
    ...(run.rerun_of ? { original_run_id: run.rerun_of } : {}),
    status: spoken[run.status],
    ended_at: toTime(run.ended_at),
    output: run.output === null ? null : (JSON.parse(run.output) as unknown),
  };
}

/** A run as the second version of the API shows it. */
export function describeRunV2(engine: Engine, run: Run, includeOutput: boolean) {
  const fn = engine.functions.get(run.function_id);
  const app = { id: fn?.app ?? "" };
  const eventIds = eventIdsOf(engine, run.id);
  const cron = run.event_name === "inngest/scheduled.timer" ? readCronOf(engine, run.id) : undefined;
  return {
    id: run.id,
    function: { id: run.function_id, name: fn?.config.name ?? run.function_id, app },
    app,
    status: run.status.toUpperCase(),
    queuedAt: toTime(run.queued_at),
    ...(run.started_at === null ? {} : { startedAt: toTime(run.started_at) }),
    ...(run.ended_at === null
      ? {}
      : { endedAt: toTime(run.ended_at), durationMs: String(run.ended_at - (run.started_at ?? run.queued_at)) }),
    trigger: {
      eventIds,
      eventName: run.event_name,
      isBatch: eventIds.length > 1,
      ...(cron ? { cronSchedule: cron } : {}),
    },
    ...(run.rerun_of ? { originalRunId: run.rerun_of } : {}),
    ...(includeOutput && run.output !== null ? { output: describeOutput(run) } : {}),
  };
}

export function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** There is one environment. */
const environmentId = "00000000-0000-4000-b000-000000000000";

function describeOutput(run: Run): Record<string, unknown> {
  const output = JSON.parse(run.output ?? "null") as unknown;
  return run.status === "failed" ? { error: output } : { data: output };
}

function eventIdsOf({ store }: Engine, runId: string): string[] {
  return store
    .all<{ internal_id: string }>("select internal_id from run_events where run_id = ? order by position", runId)
    .map(({ internal_id: id }) => id);
}

function readCronOf({ store }: Engine, runId: string): string | undefined {
  const [body] = readRunEvents(store, runId);
  return body === undefined ? undefined : (JSON.parse(body) as { data: { cron?: string } }).data.cron;
}
