import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBenchApp } from "#tests/bench/engine/engine-app.ts";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { memoryFlags, readMemory } from "#tests/embedded/read-memory.ts";

/** Compiled code grows for thousands of runs; without it every byte that is kept is data. */
const interpreterOnly = ["--no-opt", "--no-maglev", "--no-sparkplug"];

describe("the memory of the embedded engine", () => {
  let engine: EmbeddedEngine;
  let app: Awaited<ReturnType<typeof startBenchApp>>;
  beforeAll(async () => {
    engine = await startEmbeddedEngine({ nodeArgs: [...memoryFlags, ...interpreterOnly] });
    app = await startBenchApp(engine.url);
  });
  afterAll(async () => {
    app?.stop();
    await engine?.stop();
  });

  /** 606 runs: without steps, with twenty of them, and with fifty children. */
  const runThird = async (): Promise<void> => {
    for (let wave = 0; wave < 3; wave += 1) {
      await Promise.all([app.run("small", 150), app.run("sequential", 2), app.run("invokes", 1)]);
    }
  };

  test("does not grow with the runs that have ended", { timeout: 240_000 }, async () => {
    await runThird();
    const early = await readMemory(engine);
    await runThird();
    await runThird();
    const late = await readMemory(engine);
    // 33 bytes a run: less than it takes to remember an id.
    expect(late.keptBytes - early.keptBytes).toBeLessThan(40_000);
    // Nor does garbage pile up.
    expect(late.residentBytes - early.residentBytes).toBeLessThan(16_000_000);
  });
});
