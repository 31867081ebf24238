import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join, resolve } from "node:path";
import { findFreePort } from "#lib/stack/ports.ts";
import { isAlive } from "#lib/stack/processes.ts";
import type { Stack } from "#lib/stack/schema.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { startEmbeddingsServer } from "#tests/embedded/embeddings.ts";
import { startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { makeDataDir, removeDataDir } from "../boot-own-stack.ts";
import { startProxy } from "../start-proxy.ts";

const root = resolve(import.meta.dirname, "../../..");
const readyMs = 60_000;

/** A part that can be ended by a crash and started again where it was. */
interface Part {
  start: () => Promise<void>;
  kill9: () => Promise<void>;
}

export interface Parts {
  stack: Stack;
  app: Part;
  engine: Part;
  database: Part;
  embeddings: Awaited<ReturnType<typeof startEmbeddingsServer>>;
  /** Between the app and Supabase, and between the engine and the app. */
  toSupabase: Awaited<ReturnType<typeof startProxy>>;
  toApp: Awaited<ReturnType<typeof startProxy>>;
  stop: () => Promise<void>;
}

interface Options {
  embeddingsLatencyMs?: number;
  /** Seconds before every retry. */
  retryInterval?: number;
  /** Variables of the app. */
  env?: Record<string, string>;
}

/** A stack whose parts are processes of their own, each of which can die alone. The launcher would end all of them with the first. */
export async function startParts({ embeddingsLatencyMs = 0, retryInterval, env = {} }: Options): Promise<Parts> {
  const dataDir = await makeDataDir();
  const [appPort, enginePort, supabasePort] = await Promise.all([1, 2, 3].map(() => findFreePort("127.0.0.1")));
  if (!appPort || !enginePort || !supabasePort) throw new Error("No port is free.");
  const address = (port: number) => `http://127.0.0.1:${port}`;
  const embeddings = await startEmbeddingsServer({ latencyMs: embeddingsLatencyMs });
  const migrationsDir = join(root, "supabase", "migrations");
  const bootSupabase = () =>
    startEmbeddedSupabase({ migrationsDir, dataDir: join(dataDir, "supabase"), port: supabasePort });
  let supabase = await bootSupabase();
  const [toSupabase, toApp] = await Promise.all([startProxy(address(supabasePort)), startProxy(address(appPort))]);
  const sdkUrl = `${toApp.url}/api/inngest`;
  const bootEngine = () =>
    startEmbeddedEngine({
      sdkUrl,
      dataDir: join(dataDir, "engine"),
      port: enginePort,
      ...(retryInterval !== undefined && { retryInterval }),
    });
  let engine = await bootEngine();
  const stack: Stack = {
    appUrl: address(appPort),
    // Past the proxy: what is done to the app's connection must not be done to the test's.
    supabaseUrl: supabase.url,
    publishableKey: supabase.publishableKey,
    secretKey: supabase.secretKey,
    engineUrl: engine.url,
    embeddingsUrl: embeddings.url,
    demoAccount: null,
    env: {},
    pids: {},
  };
  const app = createApp(appPort, join(dataDir, "app.log"), {
    ...env,
    SUPABASE_URL: toSupabase.url,
    SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
    SUPABASE_SECRET_KEY: stack.secretKey,
    OPENAI_BASE_URL: embeddings.url,
    OPENAI_API_KEY: "embedded",
    EMBEDDING_MODEL: "embedded-lexical",
    INNGEST_DEV: engine.url,
    OPERATOR_TOKEN: randomBytes(12).toString("hex"),
  });
  await app.start();
  const synced = await fetch(sdkUrl, { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" });
  if (!synced.ok) throw new Error(`The engine does not take the functions: ${await synced.text()}`);
  return {
    stack,
    app,
    engine: {
      start: async () => {
        engine = await bootEngine();
      },
      kill9: () => engine.kill9(),
    },
    database: {
      start: async () => {
        supabase = await bootSupabase();
      },
      kill9: () => supabase.kill9(),
    },
    embeddings,
    toSupabase,
    toApp,
    stop: async () => {
      await app.kill9();
      await engine.stop();
      await Promise.all([toSupabase.stop(), toApp.stop(), embeddings.stop(), supabase.stop()]);
      await removeDataDir(dataDir);
    },
  };
}

/** The app as `next start` runs it; the build is the one of the stack that all tests share. */
function createApp(port: number, logFile: string, env: Record<string, string>): Part {
  let child: ChildProcess | undefined;
  return {
    start: async () => {
      const log = openSync(logFile, "a");
      const args = [join(root, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", String(port)];
      child = spawn(process.execPath, args, {
        cwd: root,
        stdio: ["ignore", log, log],
        env: { ...process.env, ...env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
        detached: true,
      });
      await waitUntil("The app does not answer", readyMs, async () => {
        // Without the database it is up all the same, and says so.
        const { status } = await fetch(`http://127.0.0.1:${port}/api/health`);
        return status === 200 || status === 503;
      });
    },
    kill9: async () => {
      const dying = child;
      if (!dying?.pid || !isAlive(dying.pid)) return;
      const exited = once(dying, "exit");
      // With its parsers: they are of its group.
      process.kill(-dying.pid, "SIGKILL");
      await exited;
    },
  };
}
