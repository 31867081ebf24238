import type { Engine } from "../engine.ts";
import { finishRun } from "../finish/finish-run.ts";

/** Fails a run whose sleep or wait says what cannot be carried out: trying it again would not help. */
export function failWait(engine: Engine, runId: string, message: string): undefined {
  const output = JSON.stringify({ error: message, name: "Error", message });
  finishRun(engine, runId, { status: "failed", output });
  return undefined;
}
