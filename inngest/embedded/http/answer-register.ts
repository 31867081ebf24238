import type { Engine } from "../engine.ts";
import type { FunctionConfig } from "../protocol/types.ts";
import { registerApp } from "../sync/register-app.ts";
import { json, type Reply, type Request, readObject, refuse } from "./reply.ts";

/** `POST /fn/register`: an app says which functions it has. */
export function answerRegister(engine: Engine, { headers, body }: Request): Reply {
  const value = readObject(body);
  if (typeof value === "string") return refuse(400, value);
  const expected = headers["x-inngest-expected-server-kind"];
  if (expected && expected !== "dev") return refuse(400, `Expected server kind ${String(expected)}, got dev`);
  const { appName, functions, deployType } = value;
  if (typeof appName !== "string" || appName === "") return refuse(400, "appName must be a string");
  if (deployType !== undefined && deployType !== "ping")
    return refuse(400, "connect is not supported; serve it over HTTP");
  if (!Array.isArray(functions) || !functions.every(isFunctionConfig)) {
    return refuse(400, "functions must be a list of functions with id, name, triggers and steps");
  }
  try {
    return json(200, { ok: true, ...registerApp(engine, { app: appName, functions }) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    engine.log("error", `app ${appName} was refused: ${message}`);
    return refuse(400, message);
  }
}

function isFunctionConfig(value: unknown): value is FunctionConfig {
  if (typeof value !== "object" || value === null) return false;
  const { id, triggers, steps } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    id !== "" &&
    Array.isArray(triggers) &&
    triggers.every((trigger) => typeof trigger === "object" && trigger !== null) &&
    typeof steps === "object" &&
    steps !== null &&
    Object.values(steps).every((step) => typeof step === "object" && step !== null)
  );
}
