import type { Engine, StoredEvent } from "../engine.ts";
import { resumeWait, type Wait } from "../execute/resume-wait.ts";
import { holds } from "../expressions/evaluate.ts";
import { cancelRun } from "../finish/finish-run.ts";
import { parseDeadline } from "../protocol/durations.ts";
import type { EventBody, Fn } from "../protocol/types.ts";
import { scheduleRun } from "../schedule/schedule-run.ts";
import { listCancellable } from "./list-cancellable.ts";
import { matchesName } from "./match-name.ts";
import { refuseInvoke } from "./refuse-invoke.ts";

/** Gives an event to all that it concerns: those who wait, those whom it cancels, then those whom it starts. */
export function routeEvent(engine: Engine, stored: StoredEvent): void {
  resumeWaits(engine, stored.event);
  cancelRuns(engine, stored.event);
  for (const fn of matchFunctions(engine, stored.event)) scheduleRun(engine, fn, [stored]);
  if (stored.event.name === "inngest/function.invoked") startInvoked(engine, stored);
}

function matchFunctions({ functions }: Engine, event: EventBody): Fn[] {
  return [...functions.values()].filter(({ config }) =>
    config.triggers.some((trigger) => matchesName(trigger.event, event.name) && holds(trigger.expression, { event })),
  );
}

function resumeWaits(engine: Engine, event: EventBody): void {
  const waits = engine.store.all<Wait & { trigger_body: string }>(
    `select w.*, e.body as trigger_body from waits w
     join run_events r on r.run_id = w.run_id and r.position = 0 join events e using (internal_id)
     where w.kind = 'event' and w.event_name = ? order by w.created_at`,
    event.name,
  );
  for (const wait of waits) {
    const scope = { event: JSON.parse(wait.trigger_body), async: event };
    if (holds(wait.expression, scope)) resumeWait(engine, wait, JSON.stringify(event));
  }
}

function cancelRuns(engine: Engine, event: EventBody): void {
  for (const fn of engine.functions.values()) {
    for (const cancel of fn.config.cancel ?? []) {
      if (cancel.event !== event.name) continue;
      for (const run of listCancellable(engine, { fn, expression: cancel.if, event })) {
        const scope = { event: JSON.parse(run.body), async: event };
        const isInTime = (parseDeadline(cancel.timeout ?? "8784h", run.queued_at) ?? 0) > Date.now();
        if (isInTime && holds(cancel.if, scope)) cancelRun(engine, run.id);
      }
    }
  }
}

function startInvoked(engine: Engine, stored: StoredEvent): void {
  const { fn_id: functionId } = (stored.event.data._inngest ?? {}) as { fn_id?: string };
  const fn = engine.functions.get(functionId ?? "");
  if (fn) scheduleRun(engine, fn, [stored]);
  else refuseInvoke(engine, stored.event, `could not find function with ID: ${functionId}`);
}
