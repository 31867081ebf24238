import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Supabase } from "#lib/supabase/clients.ts";
import { startEmbeddingsServer } from "#tests/embedded/embeddings.ts";
import { startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { bootOwnStack, makeDataDir, type OwnStack, removeDataDir } from "../boot-own-stack.ts";
import { openDatabase } from "../database.ts";
import { type Gate, openGate } from "./gate.ts";

export interface GatedStack {
  json: OwnStack["json"];
  /** The database itself, past the gate. */
  database: Supabase;
  supabase: Gate;
  provider: Gate;
  stats: Awaited<ReturnType<typeof startEmbeddingsServer>>["stats"];
  control: Awaited<ReturnType<typeof startEmbeddingsServer>>["control"];
  /** Where the app keeps copies of originals, a folder a job, while it works on them. */
  copiesDir: string;
  stop: () => Promise<void>;
}

const migrationsDir = resolve(import.meta.dirname, "../../../supabase/migrations");

/** A stack of its own whose app reaches the database, Storage and the provider through gates. */
export async function bootGatedStack(env: Record<string, string>): Promise<GatedStack> {
  const dataDir = await makeDataDir();
  const temporary = join(dataDir, "tmp");
  const copiesDir = join(temporary, "knowledgebase");
  mkdirSync(copiesDir, { recursive: true });
  const [database, embeddings] = await Promise.all([startEmbeddedSupabase({ migrationsDir }), startEmbeddingsServer()]);
  const [supabase, provider] = await Promise.all([openGate(database.url), openGate(embeddings.url)]);
  const end = async () => {
    await Promise.all([supabase.close(), provider.close()]);
    await Promise.all([database.stop(), embeddings.stop()]);
    await removeDataDir(dataDir);
  };
  const own = {
    SUPABASE_URL: supabase.url,
    SUPABASE_PUBLISHABLE_KEY: database.publishableKey,
    SUPABASE_SECRET_KEY: database.secretKey,
    OPENAI_BASE_URL: `${provider.url}/v1`,
    OPENAI_API_KEY: "embedded",
    EMBEDDING_MODEL: "embedded-lexical",
    TMPDIR: temporary,
  };
  const stack = await bootOwnStack({ dir: dataDir, env: { ...own, ...env } }).catch(async (thrown: unknown) => {
    await end();
    throw thrown;
  });
  return {
    json: stack.json,
    database: openDatabase({ ...stack.json, supabaseUrl: database.url }),
    supabase,
    provider,
    stats: embeddings.stats,
    control: embeddings.control,
    copiesDir,
    stop: async () => {
      await stack.stop();
      await end();
    },
  };
}
