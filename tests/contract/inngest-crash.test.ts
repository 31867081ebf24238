import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { cron } from "inngest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { type Functions, startTestApp, type TestApp } from "./inngest-app.ts";
import { waitFor } from "./inngest-wait.ts";

/** Steps that wait until the test lets them go, by tag. */
const gates = new Map<string, () => void>();
const bodies = new Map<string, number>();

function createFunctions(client: TestApp["client"]): Functions {
  const count = (key: string) => bodies.set(key, (bodies.get(key) ?? 0) + 1).get(key);
  return [
    client.createFunction({ id: "step", triggers: [{ event: "crash/step" }] }, async ({ event, step }) => {
      const tag = String(event.data.tag);
      await step.run("before", () => count(`${tag}-before`));
      await step.run("during", async () => {
        if (count(`${tag}-during`) === 1) await new Promise<void>((resolve) => gates.set(tag, resolve));
        return "done";
      });
      return await step.run("after", () => count(`${tag}-after`));
    }),
    client.createFunction({ id: "sleep", triggers: [{ event: "crash/sleep" }] }, async ({ step }) => {
      await step.sleep("nap", "2s");
      return "awake";
    }),
    client.createFunction({ id: "wait", triggers: [{ event: "crash/wait" }] }, async ({ step }) => {
      const found = await step.waitForEvent("word", { event: "crash/word", match: "data.tag", timeout: "1h" });
      return found?.data.word;
    }),
    client.createFunction({ id: "alone", triggers: [{ event: "crash/alone" }], concurrency: 1 }, () => "done"),
    client.createFunction({ id: "daily", triggers: [cron("TZ=Europe/Oslo 0 4 * * *")] }, ({ event }) => event.data),
  ];
}

describe("crashes of the embedded engine", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "inngest-crash-"));
  let engine: EmbeddedEngine;
  let app: TestApp;
  const restart = async (change: () => void = () => {}) => {
    await engine.kill9();
    change();
    engine = await startEmbeddedEngine({
      dataDir,
      port: Number(new URL(engine.url).port),
      sdkUrl: app.url,
      retryInterval: 1,
    });
  };
  beforeAll(async () => {
    engine = await startEmbeddedEngine({ dataDir, retryInterval: 1 });
    app = await startTestApp({ id: "crash", subject: { ...engine, kind: "embedded" }, functions: createFunctions });
  });
  afterAll(async () => {
    await app?.stop();
    await engine?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test("during a step: it is run again, those before it are not, and the orphan adds nothing", async () => {
    await app.send("crash/step", "x1");
    await waitFor("the step", () => gates.has("x1"));
    await restart();
    const { runId } = await app.endedOne("step", "x1");
    expect(app.record.outcome(runId)).toEqual({ data: 1 });
    expect([bodies.get("x1-before"), bodies.get("x1-during"), bodies.get("x1-after")]).toEqual([1, 2, 1]);
    const [again] = app.record.of(runId).filter(({ kind }) => kind === "call");
    // The engine's own death is not held against the app.
    expect(again?.request.ctx.attempt).toBe(0);
    expect(Object.values(again?.request.steps ?? {})).toEqual([{ data: 1 }]);

    gates.get("x1")?.();
    await waitFor("the orphan's answer", () => app.record.of(runId).filter(({ kind }) => kind === "call").length === 2);
    expect(bodies.get("x1-after")).toBe(1);
  });

  test("a report of a job that was sent again is stale", async () => {
    await app.send("crash/step", "x2");
    await waitFor("the step", () => gates.has("x2"));
    const before = app.record.exchanges.length;
    app.hangUp();
    await waitFor("the second attempt", () => bodies.get("x2-during") === 2);
    gates.get("x2")?.();
    const stale = await waitFor("the orphan's report", () =>
      app.record.exchanges.slice(before).find(({ kind, status }) => kind === "checkpoint" && status === 409),
    );
    const { runId } = await app.endedOne("step", "x2");
    expect(stale.runId).toBe(runId);
    expect(bodies.get("x2-after")).toBe(1);
  });

  /** The run, once the engine has stored what it waits for: a crash before that calls the function again. */
  const storedWait = (fn: string, tag: string, op: string) =>
    waitFor(`the stored ${op}`, async () => {
      const [run] = app.runsOf(fn, tag);
      if (!run) return null;
      const { body } = await app.api(`/api/v2/runs/${run.runId}/trace`);
      return JSON.stringify(body).includes(`"stepOp":"${op}"`) ? run : null;
    });

  test("during a sleep: it goes on, and ends when it would have", async () => {
    await app.send("crash/sleep", "x3");
    const run = await storedWait("sleep", "x3", "SLEEP");
    await restart();
    await app.endedOne("sleep", "x3");
    const calls = app.record.of(run.runId);
    expect(calls.map(({ ops }) => ops[0]?.op)).toEqual(["Sleep", "RunComplete"]);
    expect((calls[1]?.startedAt ?? 0) - (calls[0]?.endedAt ?? 0)).toBeGreaterThanOrEqual(1990);
  });

  test("during a wait: it still hears its event", async () => {
    await app.send("crash/wait", "x4");
    await storedWait("wait", "x4", "WAIT_FOR_EVENT");
    await restart();
    await app.send("crash/word", "x4", { word: "hello" });
    const { runId } = await app.endedOne("wait", "x4");
    expect(app.record.outcome(runId)).toEqual({ data: "hello" });
  });

  test("an overdue cron is made up for once", async () => {
    const fireAt = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 3 * 86_400_000;
    await restart(() => {
      const state = new DatabaseSync(join(dataDir, "state.sqlite"));
      state.prepare("update crons set next_at = ?").run(fireAt);
      state.close();
    });
    const calls = () => app.record.exchanges.filter(({ fnId }) => fnId === "crash-daily");
    await waitFor("the cron's run", async () => {
      const { body } = await app.api("/api/v2/runs?functionId=crash-daily");
      return (body.data as { endedAt?: string }[])[0]?.endedAt;
    });
    await restart();
    await app.send("crash/wait", "x5");
    await waitFor("another run", () => app.runsOf("wait", "x5").length > 0);
    expect(new Set(calls().map(({ runId }) => runId)).size).toBe(1);
    const date = new Date(fireAt).toISOString().replace(".000Z", "Z");
    expect(calls()[0]?.request.event).toMatchObject({
      id: date,
      name: "inngest/scheduled.timer",
      data: { cron: "TZ=Europe/Oslo 0 4 * * *", fireAt: date },
    });
  });

  test("a state that could not be written for a while: places are as free as before", async () => {
    const state = new DatabaseSync(join(dataDir, "state.sqlite"), { timeout: 5000 });
    state.exec("create trigger broken before update of leased_at on jobs begin select raise(abort, 'broken'); end");
    await app.send("crash/alone", "x6");
    await waitFor("the complaint", () => engine.log().includes("the queue could not be read"));
    state.exec("drop trigger broken");
    state.close();
    const { runId } = await app.endedOne("alone", "x6");
    expect(app.record.outcome(runId)).toEqual({ data: "done" });
  });

  test("a second engine on the same state refuses to start, and one on a taken port too", async () => {
    await expect(startEmbeddedEngine({ dataDir })).rejects.toThrow(`${dataDir} is in use by another engine`);
    const port = Number(new URL(engine.url).port);
    await expect(startEmbeddedEngine({ port })).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
  });
});
