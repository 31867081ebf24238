import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { startTestApp, type TestApp } from "./inngest-app.ts";
import { waitFor } from "./inngest-wait.ts";

const program = resolve(import.meta.dirname, "../../inngest/embedded/main.ts");

describe("what the embedded engine does not do it refuses loudly", () => {
  let engine: EmbeddedEngine;
  let app: TestApp;
  beforeAll(async () => {
    engine = await startEmbeddedEngine({ retryInterval: 1 });
    app = await startTestApp({
      id: "refusals",
      subject: { ...engine, kind: "embedded" },
      functions: (client) => [
        client.createFunction({ id: "signal", triggers: [{ event: "refusals/signal" }] }, async ({ step }) => {
          await step.waitForSignal("await-it", { signal: "s", timeout: "1m", onConflict: "fail" });
        }),
      ],
    });
  });
  afterAll(async () => {
    await app?.stop();
    await engine?.stop();
  });

  const steps = { step: { id: "step", name: "step", runtime: { type: "http", url: "http://127.0.0.1:9/?fnId=a-f" } } };
  const triggers = [{ event: "a/b" }];
  const register = async (fn: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const body = {
      appName: "a",
      deployType: "ping",
      functions: [{ id: "a-f", name: "F", triggers, steps, ...fn }],
      ...more,
    };
    const answer = await fetch(`${engine.url}/fn/register`, { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, error: ((await answer.json()) as { error?: string }).error ?? "" };
  };

  test.each([
    ["deferred functions", { triggers: [{ event: "inngest/deferred.schedule" }] }],
    ['"wormhole"', { wormhole: true }],
    ["connect", { steps: { step: { ...steps.step, runtime: { type: "ws", url: "ws://127.0.0.1" } } } }],
    ["more than 2 concurrency limits", { concurrency: [{ limit: 1 }, { limit: 2 }, { limit: 3 }] }],
    ["scope", { concurrency: { limit: 1, scope: "planet", key: "1" } }],
    ["expression of a trigger", { triggers: [{ event: "a/b", expression: "event.data. ==" }] }],
    ["jitter", { triggers: [{ cron: "0 4 * * *", jitter: "5m" }] }],
    ["cron expression", { triggers: [{ cron: "every day" }] }],
    ["retries", { steps: { step: { ...steps.step, retries: { attempts: 21 } } } }],
    ["is no duration", { throttle: { limit: 1, period: "soon" } }],
    [
      "batchEvents cannot be combined",
      { batchEvents: { maxSize: 2, timeout: "1s" }, rateLimit: { limit: 1, period: "1s" } },
    ],
  ])("at sync: %s", async (what, fn) => {
    const { status, error } = await register(fn);
    expect(status).toBe(400);
    expect(error).toContain('Function "a-f"');
    expect(error).toContain(what);
    await waitFor("the engine's log", () => engine.log().includes(what));
  });

  test("an app that was refused runs nothing; one that is right is taken", async () => {
    expect((await register({})).status).toBe(200);
    expect((await register({}, { deployType: "connect" })).status).toBe(400);
  });

  test("at run: a step that it cannot do fails the run and names the step", async () => {
    await app.send("refusals/signal", "r1");
    const { runId } = await app.endedOne("signal", "r1");
    const { body } = await app.api(`/api/v2/runs/${runId}?includeOutput=true`);
    expect(JSON.stringify(body)).toContain('\\"await-it\\" is a WaitForSignal, which this engine does not do.');
  });

  test("pages of other sites may neither read nor change anything", async () => {
    const { port } = new URL(engine.url);
    const foreign = await fetch(`${engine.url}/api/v2/runs`, { headers: { origin: "https://example.com" } });
    expect(foreign.status).toBe(403);
    const own = await fetch(`${engine.url}/api/v2/runs`, { headers: { origin: `http://127.0.0.1:${port}` } });
    expect(own.status).toBe(200);
  });

  test("every setting that is missing or malformed is named", () => {
    const args = [program, "--port", "x", "--sdk-url", "nowhere", "--signing-key", "xyz"];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status).toBe(1);
    for (const said of [
      "--data-dir (INNGEST_DATA_DIR) is not set",
      "--port (INNGEST_PORT) must be a whole number",
      "--sdk-url (INNGEST_SDK_URL) must be an http URL",
      "--signing-key (INNGEST_SIGNING_KEY) must be hexadecimal",
    ]) {
      expect(stderr).toContain(said);
    }
  });
});
