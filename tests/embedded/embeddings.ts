import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

interface Stats {
  requests: number;
  refused: number;
  tokens: number;
  inputs: number;
  /** Of requests that are being answered. */
  inputsInFlight: number;
  distinctInputs: number;
  /** By the SHA-256 of an input, how often it was embedded. */
  timesSent: Record<string, number>;
}

interface Options {
  port?: number;
  latencyMs?: number;
  apiKey?: string;
  control?: boolean;
}

/** The stand-in for the embeddings provider as a process of its own, with its controls on unless asked otherwise. */
export async function startEmbeddingsServer({ port = 0, latencyMs = 0, apiKey = "", control = true }: Options = {}) {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "../../lib/embeddings/embedded/main.ts")], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      EMBEDDINGS_PORT: String(port),
      EMBEDDINGS_LATENCY_MS: String(latencyMs),
      EMBEDDINGS_API_KEY: apiKey,
      EMBEDDINGS_CONTROL: control ? "1" : "",
    },
  });
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints += String(text);
  });
  const closed = once(child, "close") as Promise<[number | null]>;
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), "line") as Promise<[string]>,
    closed.then(([code]) => Promise.reject(new Error(`exit ${code}: ${complaints}`))),
  ]);
  const { url } = JSON.parse(line[0]) as { url: string };
  return {
    url,
    ...openControls(url),
    /** Asks it to end, and answers with its exit code. */
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = await closed;
      return code;
    },
  };
}

/** What a stand-in with its controls on has been asked, and what it is to do wrong. `url` is its address as the app knows it. */
export function openControls(url: string) {
  const root = new URL("/", url);
  return {
    stats: async () => (await (await fetch(new URL("stats", root))).json()) as Stats,
    control: async (faults: object[]) => {
      const response = await fetch(new URL("control", root), { method: "POST", body: JSON.stringify({ faults }) });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}
