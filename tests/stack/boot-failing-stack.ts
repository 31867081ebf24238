import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Api } from "#lib/stack/call-api.ts";
import { findFreePort } from "#lib/stack/ports.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { bootOwnStack, type OwnStack, removeDataDir } from "./boot-own-stack.ts";
import { openDatabase } from "./database.ts";
import { createOwner } from "./owner.ts";
import { holdFirst, type Intercept, type Intercepted, startProxy } from "./start-proxy.ts";

export interface FailingStack {
  json: OwnStack["json"];
  owner: Api;
  /** The database behind the product's back, past what stands in between. */
  database: Supabase;
  /** With Supabase answering as `intercept` says. */
  under: <T>(intercept: Intercept, run: () => Promise<T>) => Promise<T>;
  /** With the first request that fits held back until `release` is called, or `run` ends. */
  holding: <T>(
    fits: (request: Intercepted) => boolean,
    run: (held: { reached: Promise<void>; release: () => void }) => Promise<T>,
  ) => Promise<T>;
  /** With an embeddings provider that does this to every request. */
  withProviderFault: <T>(fault: object, run: () => Promise<T>) => Promise<T>;
  /** With an engine that cannot reach the app to work on documents. */
  withoutApp: <T>(run: () => Promise<T>) => Promise<T>;
  /** With an engine that takes connections and says nothing. */
  withSilentEngine: <T>(run: () => Promise<T>) => Promise<T>;
  /** The lines of the app's log that carry a correlation id, as text, once there is one. */
  findInLog: (correlationId: string | null) => Promise<string[]>;
  stop: () => Promise<void>;
}

/** A whole stack whose services can be made to fail; what is repeated is repeated after a second. */
export async function bootFailingStack(): Promise<FailingStack> {
  const supabase = await startEmbeddedSupabase({ migrationsDir: resolve("supabase/migrations") });
  const proxy = await startProxy(supabase.url);
  const appPort = await findFreePort("127.0.0.1");
  const toApp = await startProxy(`http://127.0.0.1:${appPort}`);
  const sdkUrl = `${toApp.url}/api/inngest`;
  const engine = await startEmbeddedEngine({ sdkUrl, retryInterval: 1 });
  const env = {
    PORT: String(appPort),
    INNGEST_DEV: engine.url,
    SUPABASE_URL: proxy.url,
    SUPABASE_PUBLISHABLE_KEY: supabase.publishableKey,
    SUPABASE_SECRET_KEY: supabase.secretKey,
    EMBEDDINGS_CONTROL: "1",
  };
  const stack = await bootOwnStack({ env });
  // The launcher has registered the app by its own address; the last one is the one that the engine calls.
  await fetch(sdkUrl, { method: "PUT" });
  const { json, dataDir } = stack;

  const under: FailingStack["under"] = async (intercept, run) => {
    proxy.intercept(intercept);
    return await run().finally(() => proxy.intercept(null));
  };
  const setFaults = async (faults: object[]) => {
    const body = JSON.stringify({ faults });
    const response = await fetch(new URL("/control", json.embeddingsUrl), { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
  };
  return {
    json,
    owner: await createOwner(json),
    database: openDatabase({ ...json, supabaseUrl: supabase.url }),
    under,
    holding: async (fits, run) => {
      const held = holdFirst(fits);
      return await under(held.intercept, () => run(held)).finally(held.release);
    },
    withProviderFault: async (fault, run) => {
      await setFaults([fault]);
      return await run().finally(() => setFaults([]));
    },
    withoutApp: async (run) => {
      toApp.intercept(({ path }) => {
        if (new URLSearchParams(path.split("?")[1]).get("fnId") !== "knowledgebase-ingest-document") return undefined;
        throw new Error("The connection is broken.");
      });
      return await run().finally(() => toApp.intercept(null));
    },
    withSilentEngine: async (run) => {
      const { pid } = engine.process;
      if (!pid) throw new Error("The engine has no process.");
      process.kill(pid, "SIGSTOP");
      return await run().finally(() => process.kill(pid, "SIGCONT"));
    },
    findInLog: async (correlationId) => {
      let found: string[] = [];
      await waitUntil(`The log has no ${correlationId}`, 30_000, async () => {
        const lines = (await readFile(join(dataDir, "logs/app.log"), "utf8")).split("\n");
        found = lines.filter((line) => line.includes(`"correlationId":"${correlationId}"`));
        return found.length > 0;
      });
      return found;
    },
    stop: async () => {
      await stack.stop();
      await engine.stop();
      await Promise.all([proxy.stop(), toApp.stop()]);
      await supabase.stop();
      await removeDataDir(dataDir);
    },
  };
}
