import { join } from "node:path";
import { z } from "zod";
import type { Command, Crew } from "./create-crew.ts";
import type { Environment, Mode, StackPlan } from "./plan-stack.ts";
import { findFreePort } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

const readySchema = z.object({ url: z.url() });
const supabaseReadySchema = readySchema.extend({ publishableKey: z.string(), secretKey: z.string() });

const readyDeadlineMs = 180_000;

export interface Site {
  root: string;
  dataDir: string;
  env: Environment;
  crew: Crew;
}

/** The variables by which a part is reached, for the app's environment. */
type Reached = Record<string, string>;

/** Starts the embedded Supabase and waits until it serves. */
export async function startSupabase(site: Site, port: number): Promise<Reached> {
  const command = program(site, "supabase", ["supabase/embedded/main.ts"], {
    SUPABASE_PORT: String(port),
    SUPABASE_DATA_DIR: join(site.dataDir, "supabase"),
    SUPABASE_MIGRATIONS_DIR: join(site.root, "supabase", "migrations"),
    SUPABASE_MAX_FILE_BYTES: site.env.MAX_FILE_BYTES,
  });
  const ready = supabaseReadySchema.parse(await becomeReady(site, command));
  return {
    SUPABASE_URL: ready.url,
    SUPABASE_PUBLISHABLE_KEY: ready.publishableKey,
    SUPABASE_SECRET_KEY: ready.secretKey,
  };
}

/** Starts the embedded embeddings server and waits until it serves. */
export async function startEmbeddings(site: Site, port: number): Promise<Reached> {
  const command = program(site, "embeddings", ["lib/embeddings/embedded/main.ts"], { EMBEDDINGS_PORT: String(port) });
  const { url } = readySchema.parse(await becomeReady(site, command));
  // A model name of its own: vectors are remembered by the model's name, and these are no other model's.
  return { OPENAI_BASE_URL: url, OPENAI_API_KEY: "embedded", EMBEDDING_MODEL: "embedded-lexical" };
}

/** Starts the embedded engine and waits until it serves. */
export async function startEngine(site: Site, port: number, sdkUrl: string): Promise<Reached> {
  const dataDir = join(site.dataDir, "inngest");
  const args = ["inngest/embedded/main.ts", "--sdk-url", sdkUrl, "--port", String(port), "--data-dir", dataDir];
  const { url } = readySchema.parse(await becomeReady(site, program(site, "engine", args, {})));
  return { INNGEST_DEV: url };
}

/** Starts the Inngest Dev Server, which prints no ready line, and waits until it answers. */
export async function startDevServer(site: Site, wantedPort: number, sdkUrl: string, file: string): Promise<Reached> {
  const port = wantedPort || (await findFreePort("127.0.0.1"));
  const args = ["dev", "-u", sdkUrl, "-p", String(port), "--host", "127.0.0.1", "--no-discovery", "--persist"];
  // Without a variable of its own it would send usage data, and take INNGEST_BASE_URL for its own address.
  const env = { ...site.env, DO_NOT_TRACK: "1", INNGEST_BASE_URL: undefined };
  void site.crew.start({ name: "engine", file, args, env });
  const url = `http://127.0.0.1:${port}`;
  await waitUntil(`The Inngest Dev Server at ${url} does not answer`, readyDeadlineMs, async () => {
    const response = await fetch(`${url}/health`);
    return response.ok;
  });
  return { INNGEST_DEV: url };
}

/** Builds the app. */
export async function buildApp(site: Site): Promise<void> {
  await site.crew.run(program(site, "build", ["node_modules/next/dist/bin/next", "build"], { NODE_ENV: "production" }));
}

/** Starts the app and waits until it answers. */
export async function startApp(site: Site, mode: Mode, { host }: StackPlan, appUrl: string): Promise<void> {
  const { port } = new URL(appUrl);
  const args = ["node_modules/next/dist/bin/next", mode, "-H", host, "-p", port];
  const nodeEnv = mode === "dev" ? "development" : "production";
  void site.crew.start(program(site, "app", args, { NODE_ENV: nodeEnv }));
  await waitUntil(`The app at ${appUrl} is not healthy`, readyDeadlineMs, async () => {
    const response = await fetch(`${appUrl}/api/health`);
    if (!response.ok) throw new Error(`/api/health says ${await response.text()}`);
    return true;
  });
}

/** Registers the app's functions with the development engine: the engine's own first look may be seconds away. */
export async function syncApp(sdkUrl: string): Promise<void> {
  await waitUntil(`The engine does not take the functions of ${sdkUrl}`, readyDeadlineMs, async () => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(sdkUrl, { method: "PUT", headers, body: JSON.stringify({ url: sdkUrl }) });
    if (!response.ok) throw new Error(await response.text());
    return true;
  });
}

async function becomeReady({ crew }: Site, command: Command): Promise<unknown> {
  const started = crew.start(command);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${command.name} was not ready after ${readyDeadlineMs / 1000} seconds.`;
    timer = setTimeout(() => reject(new Error(message)), readyDeadlineMs);
  });
  try {
    return await Promise.race([started, late]);
  } finally {
    clearTimeout(timer);
  }
}

function program({ env }: Site, name: string, args: string[], own: Environment): Command {
  return { name, file: process.execPath, args, env: { ...env, NEXT_TELEMETRY_DISABLED: "1", ...own } };
}
