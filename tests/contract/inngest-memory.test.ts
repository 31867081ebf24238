import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { startBenchApp } from "#tests/bench/engine-app.ts";
import { startEmbeddedEngine } from "#tests/embedded/inngest.ts";

const warmUp = 1000;
const runs = 3000;
const runsAtOnce = 200;
/** A run has a row, jobs and an event of some kilobytes each; what is kept of `runs` of them would show. */
const slackBytes = 20 * 1024 * 1024;

// A small heap, old and young: what the process has then is what it keeps.
process.env.NODE_OPTIONS = "--max-old-space-size=64 --max-semi-space-size=2";
const engine = await startEmbeddedEngine();
const app = await startBenchApp(engine.url);
afterAll(async () => {
  app.stop();
  await engine.stop();
});

test.runIf(process.platform === "linux")(
  `the engine keeps nothing of ${runs} ended runs in memory`,
  { timeout: 240_000 },
  async () => {
    await runMany(warmUp);
    const before = readResidentBytes();
    await runMany(runs);
    expect(readResidentBytes() - before).toBeLessThan(slackBytes);
  },
);

async function runMany(count: number): Promise<void> {
  for (let done = 0; done < count; done += runsAtOnce) await app.run("small", runsAtOnce);
}

function readResidentBytes(): number {
  const [, pages] = readFileSync(`/proc/${engine.process.pid}/statm`, "utf8").split(" ");
  return Number(pages) * 4096;
}
