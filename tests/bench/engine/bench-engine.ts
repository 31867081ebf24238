import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { memoryFlags, readMemory } from "#tests/embedded/read-memory.ts";
import { type Sample, summarise } from "../summarise.ts";
import { startBenchApp } from "./engine-app.ts";

const rounds = 9;
const steps = 20;
const queuedAtOnce = 200;

/** Prints what the embedded engine costs by the step and by the run, and whether it stays so as its state grows. */
export async function benchEngine(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "knowledgebase-bench-"));
  const engine = await startEmbeddedEngine({ dataDir: folder, nodeArgs: memoryFlags });
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
    await measureGrowth(app.run, engine);
    await measureQueue(app);
  } finally {
    app.stop();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same small run, 300 times in turn, and the engine's memory, after the state file has grown to each size. */
async function measureGrowth(
  run: (name: string, count?: number) => Promise<number>,
  engine: EmbeddedEngine,
): Promise<void> {
  let ended = 0;
  let first: number | undefined;
  const runSmall = (count: number) => {
    ended += count;
    return run("small", count);
  };
  for (const size of [100, 1000, 2500, 5000, 10_000]) {
    while (ended < size) await runSmall(Math.min(200, size - ended));
    const sample = await measure(() => runSmall(1), 300);
    first ??= sample.median;
    const { keptBytes, residentBytes } = await readMemory(engine);
    const state = statSync(join(engine.dataDir, "state.sqlite")).size;
    const ratio = `${(sample.median / first).toFixed(2)} times the first`;
    const memory = `kept ${inMB(keptBytes)} MB, resident ${inMB(residentBytes)} MB, state file ${inMB(state)} MB`;
    print(`a small run at ${size} ended`, sample, `${ratio}; ${memory}`);
  }
}

/** The same small run, and an event that cancels a run, while more and more runs of an owner who has no place left wait for one. */
async function measureQueue({ run, queue, cancel }: Awaited<ReturnType<typeof startBenchApp>>): Promise<void> {
  const queued: string[] = [];
  let firsts: [run: number, cancel: number] | undefined;
  for (const size of [100, 1000, 10_000]) {
    while (queued.length < size) queued.push(...(await queue(Math.min(queuedAtOnce, size - queued.length))));
    const ran = await measure(() => run("small"), 300);
    const cancelled = await measure(() => cancel(queued.pop() ?? ""), 30);
    firsts ??= [ran.median, cancelled.median];
    print(`a small run at ${size} queued`, ran, `${(ran.median / firsts[0]).toFixed(2)} times the first`);
    print(`a cancel at ${size} queued`, cancelled, `${(cancelled.median / firsts[1]).toFixed(2)} times the first`);
  }
}

async function measure(once: () => Promise<number>, times = rounds): Promise<Sample> {
  await once();
  const taken: number[] = [];
  for (let round = 0; round < times; round += 1) taken.push(await once());
  return summarise(taken);
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

function inMB(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

function print(name: string, { median, least, most }: Sample, note: string): void {
  const spread = `(${least.toFixed(1)}–${most.toFixed(1)})`;
  console.log(`${name.padEnd(30)}${median.toFixed(1).padStart(8)} ms ${spread.padEnd(18)} ${note}`);
}
