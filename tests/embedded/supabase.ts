import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

interface Options {
  migrationsDir: string;
  /** Kept by `stop` when given; otherwise a new one, which `stop` removes. */
  dataDir?: string;
  port?: number;
}

export interface EmbeddedSupabase {
  url: string;
  publishableKey: string;
  secretKey: string;
  dataDir: string;
  /** What the server has written to stderr. */
  log: () => string;
  stop: () => Promise<void>;
  kill9: () => Promise<void>;
}

const program = resolve(import.meta.dirname, "../../supabase/embedded/main.ts");

/** Starts the embedded Supabase as a process of its own and waits until it serves. Throws with its last words when it does not. */
export async function startEmbeddedSupabase({ migrationsDir, dataDir, port = 0 }: Options): Promise<EmbeddedSupabase> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), "knowledgebase-supabase-"));
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      SUPABASE_PORT: String(port),
      SUPABASE_DATA_DIR: folder,
      SUPABASE_MIGRATIONS_DIR: migrationsDir,
    },
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const exited = once(child, "exit");
  const line = await Promise.race([once(createInterface({ input: child.stdout }), "line"), exited.then(() => null)]);
  if (line === null) throw new Error(log.trim());
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    ...(JSON.parse(String(line[0])) as { url: string; publishableKey: string; secretKey: string }),
    dataDir: folder,
    log: () => log,
    stop: async () => {
      await end("SIGTERM");
      if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    },
    kill9: () => end("SIGKILL"),
  };
}
