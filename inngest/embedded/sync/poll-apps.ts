import type { Engine } from "../engine.ts";
import { callApp } from "../execute/call-app.ts";
import { signBody } from "../protocol/sign.ts";

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
async function askApp({ settings }: Engine, url: string, signal: AbortSignal): Promise<string | null> {
  const body = JSON.stringify({ url });
  const { signingKey } = settings;
  const signature = signingKey ? { "x-inngest-signature": signBody(signingKey, body, Date.now()) } : {};
  const headers = { "content-type": "application/json", "x-inngest-server-kind": "dev", ...signature };
  try {
    const answer = await callApp({ method: "PUT", url, headers, body, timeoutMs, maxBytes: 8 * 1024 * 1024, signal });
    if (answer.status < 300) return null;
    return `HTTP ${answer.status}: ${answer.body.slice(0, 1000)}`;
  } catch {
    return unreachable;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
