import { asFailure, Failure } from "#lib/errors.ts";

/** Why a run failed: what a step of ours threw, or that the engine, by its own words, could not reach the app. */
export function readRunFailure(error: Error): Failure {
  return /unable to reach/i.test(error.message) ? new Failure("app_unreachable", { cause: error }) : asFailure(error);
}
