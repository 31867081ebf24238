import type { Engine } from "../engine.ts";
import { callApp } from "../execute/call-app.ts";
import { signBody } from "../protocol/sign.ts";
import { readRegistration } from "./read-registration.ts";
import { registerApp } from "./register-app.ts";

const pollMs = 5000;
const firstPauseMs = 50;
const timeoutMs = 20_000;

/** Asks every known app to register: again and again, fast until the first answer. An app that is down is no error. */
export function pollApps(engine: Engine): { stop(): void } {
  const stopping = new AbortController();
  for (const url of engine.settings.sdkUrls) void pollApp(engine, url, stopping.signal);
  return { stop: () => stopping.abort() };
}

async function pollApp(engine: Engine, url: string, signal: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs;
  let hasAnswered = false;
  let complaint = "";
  while (!signal.aborted) {
    const problem = await askApp(engine, url, signal);
    if (problem === null && !engine.settings.poll) return;
    hasAnswered ||= problem === null;
    if (problem !== null && problem !== complaint && problem !== unreachable) {
      engine.log("error", `${url} could not be synced: ${problem}`);
    }
    complaint = problem ?? "";
    // Backs off while nobody has answered yet, up to a second.
    pauseMs = hasAnswered ? pollMs : Math.min(pauseMs * 1.5, 1000);
    await pause(pauseMs, signal);
  }
}

const unreachable = "unreachable";

/** Null when the app has registered. */
async function askApp(engine: Engine, url: string, signal: AbortSignal): Promise<string | null> {
  const body = JSON.stringify({ url });
  const { signingKey } = engine.settings;
  // With a key the app answers what it has at once; without one it calls back, as it does with the Dev Server.
  const kind = signingKey
    ? {
        "x-inngest-server-kind": "cloud",
        "x-inngest-sync-kind": "in_band",
        "x-inngest-signature": signBody(signingKey, body, Date.now()),
      }
    : { "x-inngest-server-kind": "dev" };
  const headers = { "content-type": "application/json", ...kind };
  try {
    const answer = await callApp({ method: "PUT", url, headers, body, timeoutMs, maxBytes: 8 * 1024 * 1024, signal });
    if (answer.status < 300)
      return answer.headers["x-inngest-sync-kind"] === "in_band" ? registerInBand(engine, answer.body) : null;
    return `HTTP ${answer.status}: ${answer.body.slice(0, 1000)}`;
  } catch {
    return unreachable;
  }
}

function registerInBand(engine: Engine, body: string): string | null {
  try {
    const { app_id: app, functions } = JSON.parse(body) as { app_id?: unknown; functions?: unknown };
    const registration = readRegistration(app, functions);
    if (typeof registration === "string") return registration;
    registerApp(engine, registration);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
