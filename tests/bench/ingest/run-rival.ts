import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Stack } from "#lib/stack/schema.ts";
import { startEmbeddedSupabase } from "#tests/embedded/supabase.ts";
import { openDatabase } from "#tests/stack/database.ts";

export type RivalKind = "langchain" | "langchain-by-file" | "llamaindex";

const finishedSchema = z.object({
  totalMs: z.number(),
  /** Until the first passage was stored. */
  firstMs: z.number(),
  chunks: z.number().int(),
  /** Those to the embeddings server, tries included. */
  requests: z.number().int(),
  peakRssBytes: z.number().int(),
});

export type RivalOutcome =
  | ({ finished: true } & z.infer<typeof finishedSchema>)
  /** Ended by the deadline, or by an error of its own; `stored` is how many passages it left in the table. */
  | { finished: false; totalMs: number; stored: number; reason: string };

const root = resolve(import.meta.dirname, "../../..");
const source = join(root, "tests/bench/rivals");
// Not beside the scripts: whatever walks through `tests` would walk through the packages too.
const installed = join(root, "node_modules/.cache/knowledgebase-rivals");
const dimensions = 512;
const deadlineMs = 5 * 60_000;
/** Later than any migration of the product. */
const tablesFile = "29991231000000_rivals.sql";

/**
 * Makes sure that the rivals are installed, and makes a stack's database with the product's tables and those of the rivals. To be called
 * before `bootStack`, with the same folder: the stack takes the database as it finds it.
 */
export async function prepareRivals(dataDir: string): Promise<void> {
  await install();
  const migrationsDir = await mkdtemp(join(tmpdir(), "knowledgebase-bench-"));
  try {
    await cp(join(root, "supabase/migrations"), migrationsDir, { recursive: true });
    await copyFile(join(source, "tables.sql"), join(migrationsDir, tablesFile));
    // Where the launcher keeps it.
    const supabase = await startEmbeddedSupabase({ migrationsDir, dataDir: join(dataDir, "supabase") });
    await supabase.stop();
  } finally {
    await rm(migrationsDir, { recursive: true });
  }
}

/** Ingests files as a rival's guide does it, in a process of its own. Its table is empty again afterwards. */
export async function runRival(kind: RivalKind, stack: Stack, files: File[]): Promise<RivalOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "knowledgebase-bench-"));
  const [library] = kind.split("-");
  const table = `rival_${library}`;
  const database = openDatabase(stack);
  try {
    for (const file of files) await writeFile(join(folder, file.name), Buffer.from(await file.arrayBuffer()));
    const ended = await runScript(`run-${kind}.mjs`, {
      folder,
      table,
      supabaseUrl: stack.supabaseUrl,
      supabaseKey: stack.secretKey,
      openaiUrl: stack.env.OPENAI_BASE_URL,
      openaiKey: stack.env.OPENAI_API_KEY,
      dimensions,
    });
    // The product's types know nothing of these tables.
    const { count, error } = await database.from(table as never).select("*", { count: "exact", head: true });
    if (error) throw new Error(`${table} cannot be counted: ${error.message}`);
    const stored = count ?? 0;
    if (!ended.finished) return { ...ended, stored };
    if (stored === ended.chunks) return ended;
    const reason = `it says that it stored ${ended.chunks} passages`;
    return { finished: false, totalMs: ended.totalMs, stored, reason };
  } finally {
    await rm(folder, { recursive: true });
    const { error } = await database.rpc("clear_rivals" as never);
    if (error) console.error(`${table} could not be emptied: ${error.message}`);
  }
}

type Ended = Extract<RivalOutcome, { finished: true }> | Omit<Extract<RivalOutcome, { finished: false }>, "stored">;

async function runScript(script: string, order: Record<string, unknown>): Promise<Ended> {
  const start = performance.now();
  const child = spawn(process.execPath, [join(installed, script)], {
    // No variables of ours: one of them may turn on that a library reports what it does to somebody.
    env: { NODE_ENV: "production" },
    timeout: deadlineMs,
    killSignal: "SIGKILL",
  });
  child.stdin.on("error", () => undefined).end(JSON.stringify(order));
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const totalMs = performance.now() - start;
  if (child.signalCode) {
    return { finished: false, totalMs, reason: `ended by ${child.signalCode} after ${Math.round(totalMs / 1000)} s` };
  }
  // What a library prints by itself stands above it.
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  if (child.exitCode !== 0) {
    const reason = complaints.split("\n").find((complaint) => /^\w*Error\b/.test(complaint));
    return { finished: false, totalMs, reason: reason ?? `it ended with code ${child.exitCode}` };
  }
  return { finished: true, ...finishedSchema.parse(JSON.parse(line)) };
}

/** Installs what the lock file names, unless that is what is there, and copies the scripts as they are now. */
async function install(): Promise<void> {
  await mkdir(installed, { recursive: true });
  // npm writes it when everything is there.
  const mark = join(installed, "node_modules/.package-lock.json");
  const [wanted, former] = await Promise.all(
    [source, installed].map((folder) => readFile(join(folder, "package-lock.json"), "utf8").catch(() => "")),
  );
  const isThere = former === wanted && existsSync(mark);
  if (!isThere) await rm(mark, { force: true });
  for (const name of await readdir(source)) await copyFile(join(source, name), join(installed, name));
  if (isThere) return;
  console.error("Installing what the bench compares with …");
  // A script of an optional package would want a compiler.
  const flags = ["--no-audit", "--no-fund", "--omit=dev", "--ignore-scripts"];
  const npm = spawn("npm", ["ci", ...flags], { cwd: installed, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(npm, "close");
  if (code !== 0) throw new Error(`npm ended with code ${code}: the rivals are not installed.`);
}
