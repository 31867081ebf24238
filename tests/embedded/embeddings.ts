import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

interface Stats {
  requests: number;
  refused: number;
  tokens: number;
  inputs: number;
  distinctInputs: number;
  /** By the SHA-256 of an input, how often it was embedded. */
  timesSent: Record<string, number>;
}

/** The stand-in for the embeddings provider as a process of its own, with its controls on. */
export async function startEmbeddingsServer(options: { port?: number; latencyMs?: number; apiKey?: string } = {}) {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "../../lib/embeddings/embedded/main.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      EMBEDDINGS_PORT: String(options.port ?? 0),
      EMBEDDINGS_LATENCY_MS: String(options.latencyMs ?? 0),
      EMBEDDINGS_API_KEY: options.apiKey ?? "",
      EMBEDDINGS_CONTROL: "1",
    },
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const root = new URL("/", url);
  return {
    url,
    stats: async () => (await (await fetch(new URL("stats", root))).json()) as Stats,
    control: async (faults: object[]) => {
      const response = await fetch(new URL("control", root), { method: "POST", body: JSON.stringify({ faults }) });
      if (!response.ok) throw new Error(await response.text());
    },
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
