import type { Engine } from "../engine.ts";
import { getWait, resumeWait } from "../execute/resume-wait.ts";
import type { EventBody } from "../protocol/types.ts";

/** The id of the step that invoked by this event, as `run.step`; null when none did. */
export function readCorrelation(event: EventBody): string | null {
  const inner = event.data._inngest as { correlation_id?: unknown } | null | undefined;
  return typeof inner?.correlation_id === "string" ? inner.correlation_id : null;
}

/** Tells the step that invoked by this event that there will be no run. */
export function refuseInvoke(engine: Engine, event: EventBody, message: string): void {
  const correlation = readCorrelation(event);
  if (correlation) answerInvoke(engine, correlation, { error: { name: "Error", message } });
}

/** Gives an invoking step its result or error. */
export function answerInvoke(engine: Engine, correlation: string, value: { data: unknown } | { error: unknown }): void {
  const [runId = "", stepId = ""] = correlation.split(".");
  const wait = getWait(engine, runId, stepId);
  if (wait?.kind === "invoke") resumeWait(engine, wait, JSON.stringify(value), "error" in value);
}
