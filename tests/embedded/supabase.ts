import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
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
  const folder = dataDir ?? (await copyTemplate(migrationsDir));
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
  if (line === null) {
    if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    throw new Error(log.trim());
  }
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

/**
 * A folder of its own with the migrations applied. To make a database takes seconds, to copy one does not: the first test on a
 * machine makes it, for these migrations and this server, and all others copy it.
 */
async function copyTemplate(migrationsDir: string): Promise<string> {
  const prefix = "knowledgebase-test-supabase-";
  const template = join(tmpdir(), prefix + hashOf([migrationsDir, dirname(program)]));
  if (!existsSync(template)) {
    for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix)))
      removeIfOld(join(tmpdir(), name));
    const draft = mkdtempSync(`${template}-`);
    try {
      await (await startEmbeddedSupabase({ migrationsDir, dataDir: draft })).stop();
      // Fails when another worker was faster, which is as good.
      if (!existsSync(template)) renameSync(draft, template);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "knowledgebase-supabase-"));
  cpSync(template, folder, { recursive: true });
  return folder;
}

/** Templates of former versions would fill the disk. */
function removeIfOld(path: string): void {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - made > 24 * 60 * 60_000) rmSync(path, { recursive: true, force: true });
}

function hashOf(folders: string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const path of files.map((file) => join(file.parentPath, file.name)).sort()) {
      hash.update(basename(path)).update(readFileSync(path));
    }
  }
  return hash.digest("hex").slice(0, 16);
}
