import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { findFreePort } from "#lib/stack/ports.ts";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import type { FaultEnvironment } from "./inngest-fault-app.ts";
import { waitFor } from "./inngest-wait.ts";

const runs = 200;
const kills = 10;
const sequence = ["first", "second", "third", "parallel", "fourth", "fifth", "sixth"];
const stepsOfRun = [
  ...sequence.filter((name) => name !== "parallel"),
  ...Array.from({ length: 20 }, (_, index) => `parallel-${index}`),
];

const folder = mkdtempSync(join(tmpdir(), "inngest-faults-"));
const ledger = join(folder, "ledger");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function startApp(engineUrl: string, port: number): Promise<{ child: ChildProcess; port: number }> {
  const told: FaultEnvironment = { FAULT_ENGINE_URL: engineUrl, FAULT_LEDGER: ledger, FAULT_PORT: String(port) };
  const child = spawn(process.execPath, [join(import.meta.dirname, "inngest-fault-app.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...told },
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, port: (JSON.parse(line) as { port: number }).port };
}

async function kill9(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Every run of the engine, with its output. */
async function listRuns(engine: EmbeddedEngine) {
  interface Run {
    id: string;
    status: string;
    endedAt: string | null;
    output: { data: string[] };
  }
  const found: Run[] = [];
  for (let cursor = ""; ; ) {
    const query = new URLSearchParams({ limit: "100", includeOutput: "true", ...(cursor && { cursor }) });
    const answer = await fetch(`${engine.url}/api/v2/runs?${query}`);
    const { data, page } = (await answer.json()) as { data: Run[]; page: { hasMore: boolean; cursor?: string } };
    found.push(...data);
    if (!page.hasMore) return found;
    cursor = page.cursor ?? "";
  }
}

function readLedger(): { run: number; step: string }[] {
  return readFileSync(ledger, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "))
    .map(([run, step]) => ({ run: Number(run), step: step ?? "" }));
}

test("200 runs end whole though engine and app are each killed with -9 ten times, and no finished step is repeated", async () => {
  writeFileSync(ledger, "");
  const options = { dataDir: join(folder, "engine"), retryInterval: 1 };
  let engine = await startEmbeddedEngine(options);
  const enginePort = Number(new URL(engine.url).port);
  let app = await startApp(engine.url, await findFreePort("127.0.0.1"));
  const sdkUrl = `http://127.0.0.1:${app.port}/api/inngest`;
  await engine.kill9();
  const restart = () => startEmbeddedEngine({ ...options, port: enginePort, sdkUrl });
  engine = await restart();
  try {
    const events = Array.from({ length: runs }, (_, run) => ({
      id: `event-${run}`,
      name: "faults/work",
      data: { run },
    }));
    const send = () => fetch(`${engine.url}/e/test`, { method: "POST", body: JSON.stringify(events) });
    await waitFor("the app is registered", async () => {
      const health = (await (await fetch(`${engine.url}/health`)).json()) as { synced: number };
      return health.synced > 0 || null;
    });
    expect((await send()).status).toBe(200);

    for (let round = 0; round < kills; round += 1) {
      await pause(150 + Math.random() * 450);
      await engine.kill9();
      engine = await restart();
      await pause(150 + Math.random() * 450);
      await kill9(app.child);
      app = await startApp(engine.url, app.port);
    }
    // Sent again after all: the same ids start no second run.
    expect((await send()).status).toBe(200);

    const ended = await waitFor(
      "every run has ended",
      async () => {
        const all = await listRuns(engine);
        return all.length === runs && all.every((run) => run.endedAt) ? all : null;
      },
      200_000,
    );
    expect(new Set(ended.map((run) => run.status.toLowerCase()))).toEqual(new Set(["completed"]));
    const outputs = ended.map(({ output }) => output.data);
    for (const recorded of outputs) {
      const [run] = (recorded[0] ?? "").split(":");
      expect(recorded.toSorted()).toEqual(stepsOfRun.map((step) => `${run}:${step}`).toSorted());
    }
    expect(new Set(outputs.map(([first]) => first)).size).toBe(runs);

    const reached = new Map<number, number>();
    const times = new Map<string, number>();
    for (const { run, step } of readLedger()) {
      const place = sequence.indexOf(step.startsWith("parallel-") ? "parallel" : step);
      expect(place, `run ${run}: ${step} was done again after a later step had begun`).toBeGreaterThanOrEqual(
        reached.get(run) ?? 0,
      );
      reached.set(run, place);
      times.set(`${run} ${step}`, (times.get(`${run} ${step}`) ?? 0) + 1);
    }
    expect(times.size).toBe(runs * stepsOfRun.length);
    // Each of the kills may repeat what was in flight then, once.
    expect(Math.max(...times.values())).toBeLessThanOrEqual(1 + 2 * kills);
  } finally {
    await kill9(app.child);
    await engine.stop();
  }
}, 320_000);
