import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Stack } from "./schema.ts";
import { readStackFile } from "./stack-file.ts";
import { waitUntil } from "./wait-until.ts";

// A cold build is part of the first boot.
const bootDeadlineMs = 600_000;

/** Blank for a stack of its own: whatever the person's environment or .env files name is not used. */
const blanked = [
  "SUPABASE_URL",
  "SUPABASE_PUBLISHABLE_KEY",
  "SUPABASE_SECRET_KEY",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "EMBEDDING_MODEL",
  "EMBEDDING_DIMENSIONS",
  "EMBEDDING_BATCH_CHUNKS",
  "EMBEDDING_CONCURRENCY",
  "EMBEDDING_REQUESTS_PER_MINUTE",
  "EMBEDDING_TOKENS_PER_MINUTE",
  "EMBEDDING_TIMEOUT_SECONDS",
  "OWNER_CONCURRENCY",
  "JOB_LEASE_SECONDS",
  "JOB_RECOVERIES",
  "ROLLBACK_HOURS",
  "OPERATOR_TOKEN",
  "MAX_FILE_BYTES",
  "CHUNK_TOKENS",
  "CHUNK_OVERLAP_TOKENS",
  "INNGEST_DEV",
  "INNGEST_BASE_URL",
  "INNGEST_EVENT_KEY",
  "INNGEST_SIGNING_KEY",
  "HOST",
];

interface BootOptions {
  dataDir: string;
  env?: Record<string, string>;
  onLine?: (line: string) => void;
}

export interface BootedStack {
  stack: Stack;
  launcherPid: number;
  /** Stops the stack; answers with the launcher's exit code. */
  stop: () => Promise<number | null>;
  /** Settles with the launcher's exit code, however it ends. */
  exited: Promise<number | null>;
  /** What the launcher has printed. */
  output: () => string;
}

/** Starts a whole stack on free ports through the launcher and waits until it serves. It ends when this process ends. */
export async function bootStack({ dataDir, env = {}, onLine }: BootOptions): Promise<BootedStack> {
  const free = { PORT: "0", SUPABASE_PORT: "0", INNGEST_PORT: "0", EMBEDDINGS_PORT: "0", INNGEST_ENGINE: "embedded" };
  const blank = Object.fromEntries(blanked.map((name) => [name, ""]));
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "start", "--until-stdin-closes"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...blank, ...free, ...env, KNOWLEDGEBASE_DIR: dataDir },
  });
  const exited = once(child, "exit").then(() => child.exitCode);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      onLine?.(line);
    });
  }
  const output = () => lines.join("\n");
  const launcherPid = child.pid;
  if (launcherPid === undefined) throw new Error("The launcher cannot be started.");

  const up = waitUntil("The stack is not up", bootDeadlineMs, async () => {
    return hasEnded(child) || readUp(dataDir, launcherPid) !== null;
  });
  const early = exited.then((code) => {
    throw new Error(`The launcher ended with code ${code}:\n${output()}`);
  });
  early.catch(() => undefined);
  try {
    await Promise.race([up, early]);
  } catch (thrown) {
    child.stdin.end();
    await exited;
    throw thrown;
  }
  const stack = readUp(dataDir, launcherPid);
  if (!stack) throw new Error("stack.json is gone.");
  const stop = async () => {
    child.stdin.end();
    return await exited;
  };
  return { stack, launcherPid, stop, exited, output };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function readUp(dataDir: string, launcherPid: number): Stack | null {
  const stack = readStackFile(dataDir);
  return stack?.pids.launcher === launcherPid ? stack : null;
}
