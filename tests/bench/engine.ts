import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { startBenchApp } from "./engine-app.ts";

const rounds = 9;
const steps = 20;

interface Sample {
  median: number;
  least: number;
  most: number;
}

/** Prints what the embedded engine costs by the step and by the run, and whether it stays so as its state grows. */
export async function benchEngine(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "knowledgebase-bench-"));
  // With a small heap, old and young, so that the memory shown is what is kept and not what is yet to be collected.
  process.env.NODE_OPTIONS = "--max-old-space-size=64 --max-semi-space-size=4";
  const engine = await startEmbeddedEngine({ dataDir: folder });
  const app = await startBenchApp(engine.url);
  try {
    const baseline = await measure(() => runDirectly(join(folder, "baseline.sqlite")));
    print("baseline, 20 durable steps", baseline, `${(baseline.median / steps).toFixed(2)} ms a step`);
    const rows = [
      ["20 steps, checkpointing", "sequential", steps],
      ["20 steps, one request each", "stepwise", steps],
      ["50 parallel steps", "fan-out", 50],
      ["50 invokes", "invokes", 50],
    ] as const;
    for (const [name, fn, count] of rows) {
      const sample = await measure(() => app.run(fn));
      const each = sample.median / count;
      print(
        name,
        sample,
        `${each.toFixed(2)} ms each, ${(each / (baseline.median / steps)).toFixed(1)} times the baseline`,
      );
    }
    const many = await measure(() => app.run("small", 200));
    print("200 small runs", many, `${Math.round(200_000 / many.median)} runs a second`);
    await measureGrowth(app.run, engine.process.pid ?? 0, folder);
  } finally {
    app.stop();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same small run, 300 times in turn, after the state file has grown to each size. */
async function measureGrowth(
  run: (name: string, count?: number) => Promise<number>,
  pid: number,
  folder: string,
): Promise<void> {
  let ended = 0;
  let first: number | undefined;
  for (const size of [100, 1000, 5000, 10_000]) {
    while (ended < size) {
      const count = Math.min(200, size - ended);
      await run("small", count);
      ended += count;
    }
    const sample = await measure(() => run("small"), 300);
    first ??= sample.median;
    const state = (statSync(join(folder, "state.sqlite"), { throwIfNoEntry: false })?.size ?? 0) / 1024 / 1024;
    const ratio = `${(sample.median / first).toFixed(2)} times the first`;
    print(
      `a small run at ${size} ended`,
      sample,
      `${ratio}, ${readMemory(pid)} MB of memory, state ${state.toFixed(1)} MB`,
    );
  }
}

async function measure(once: () => Promise<number>, times = rounds): Promise<Sample> {
  await once();
  const taken: number[] = [];
  for (let round = 0; round < times; round += 1) taken.push(await once());
  const sorted = taken.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? 0, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

async function runDirectly(path: string): Promise<number> {
  const database = new DatabaseSync(path);
  database.exec(
    "pragma journal_mode = wal; pragma synchronous = full; create table if not exists steps (id integer primary key, data text)",
  );
  const insert = database.prepare("insert into steps (data) values (?)");
  const began = performance.now();
  for (let index = 0; index < steps; index += 1) insert.run(JSON.stringify(await Promise.resolve(index)));
  const taken = performance.now() - began;
  database.close();
  return taken;
}

/** Resident memory of a process in MB; Linux only. */
function readMemory(pid: number): number | string {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return Math.round((pages * 4096) / 1024 / 1024);
  } catch {
    return "?";
  }
}

function print(name: string, { median, least, most }: Sample, note: string): void {
  const spread = `(${least.toFixed(1)}–${most.toFixed(1)})`;
  console.log(`${name.padEnd(30)}${median.toFixed(1).padStart(8)} ms ${spread.padEnd(18)} ${note}`);
}
