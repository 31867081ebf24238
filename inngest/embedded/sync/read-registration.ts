import type { FunctionConfig } from "../protocol/types.ts";
import type { Registration } from "./register-app.ts";

/** What an app says of itself, by either way of syncing; a sentence about what is wrong when it cannot be read. */
export function readRegistration(app: unknown, functions: unknown): Registration | string {
  if (typeof app !== "string" || app === "") return "the app's name must be a string";
  if (!Array.isArray(functions) || !functions.every(isFunctionConfig)) {
    return "functions must be a list of functions with id, name, triggers and steps";
  }
  return { app, functions };
}

function isFunctionConfig(value: unknown): value is FunctionConfig {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, triggers, steps, cancel } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    id !== "" &&
    typeof name === "string" &&
    isListOfObjects(triggers) &&
    typeof steps === "object" &&
    steps !== null &&
    isListOfObjects(Object.values(steps)) &&
    (cancel === undefined || isListOfObjects(cancel))
  );
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null);
}
