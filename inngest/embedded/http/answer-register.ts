import type { Engine } from "../engine.ts";
import { readRegistration } from "../sync/read-registration.ts";
import { registerApp } from "../sync/register-app.ts";
import { json, type Reply, type Request, readObject, refuse } from "./reply.ts";

/** `POST /fn/register`: an app says which functions it has. */
export function answerRegister(engine: Engine, { headers, body }: Request): Reply {
  const value = readObject(body);
  if (typeof value === "string") return refuse(400, value);
  const expected = headers["x-inngest-expected-server-kind"];
  const kind = engine.settings.signingKey ? "cloud" : "dev";
  if (expected && expected !== kind) return refuse(400, `Expected server kind ${String(expected)}, got ${kind}`);
  const { appName, functions, deployType } = value;
  if (deployType !== undefined && deployType !== "ping")
    return refuse(400, "connect is not supported; serve it over HTTP");
  const registration = readRegistration(appName, functions);
  if (typeof registration === "string") return refuse(400, registration);
  try {
    return json(200, { ok: true, ...registerApp(engine, registration) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    engine.log("error", `app ${registration.app} was refused: ${message}`);
    return refuse(400, message);
  }
}
