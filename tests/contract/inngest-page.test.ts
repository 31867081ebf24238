import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NonRetriableError } from "inngest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { startTestApp, type TestApp } from "./inngest-app.ts";
import { waitFor } from "./inngest-wait.ts";

interface Span {
  name: string;
  status: string;
  stepOp?: string;
  dueAt?: string;
  attempt?: number;
  endedAt: string | null;
  output?: unknown;
  children: Span[];
}

describe("what the embedded engine shows and keeps", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "inngest-page-"));
  const tries = new Map<unknown, number>();
  let engine: EmbeddedEngine;
  let app: TestApp;
  beforeAll(async () => {
    engine = await startEmbeddedEngine({ dataDir, retryInterval: 1 });
    app = await startTestApp({
      id: "page",
      subject: { ...engine, kind: "embedded" },
      functions: (client) => [
        client.createFunction(
          { id: "shown", name: "Shown", triggers: [{ event: "page/shown" }] },
          async ({ event, step }) => {
            const { tag } = event.data;
            await step.run("flaky", () => {
              tries.set(tag, (tries.get(tag) ?? 0) + 1);
              if (tries.get(tag) === 1) throw new Error("not yet");
              return { ok: true };
            });
            await step.sleep("nap", "1h");
          },
        ),
        client.createFunction({ id: "fails", triggers: [{ event: "page/fails" }] }, () => {
          throw new NonRetriableError("for good");
        }),
      ],
    });
  });
  afterAll(async () => {
    await app?.stop();
    await engine?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test("a run's trace has its steps, their failed attempts, and what it waits for", async () => {
    await app.send("page/shown", "p1");
    const root = await waitFor("the sleep", async () => {
      const [run] = app.runsOf("shown", "p1");
      if (!run) return null;
      const { body } = await app.api(`/api/v2/runs/${run.runId}/trace?includeOutput=true`);
      const { rootSpan } = body.data as { rootSpan: Span };
      return rootSpan.children.some(({ stepOp }) => stepOp === "SLEEP") ? rootSpan : null;
    });
    expect(root).toMatchObject({ name: "Shown", status: "RUNNING", endedAt: null });
    const [flaky, nap] = root.children;
    expect(flaky).toMatchObject({
      name: "flaky",
      status: "COMPLETED",
      stepOp: "RUN",
      attempt: 1,
      output: { data: { ok: true } },
    });
    expect(flaky?.children).toMatchObject([
      { status: "FAILED", attempt: 0, output: { error: { message: "not yet" } } },
    ]);
    expect(nap).toMatchObject({ name: "nap", status: "WAITING", stepOp: "SLEEP", endedAt: null });
    expect(Date.parse(nap?.dueAt ?? "")).toBeGreaterThan(Date.now() + 3_500_000);
  });

  test("runs are listed newest first, by status and function, a page at a time", async () => {
    for (const n of [1, 2, 3]) await app.send("page/fails", "p2", { n });
    const runs = await app.ended("fails", "p2", 3);
    const list = async (query: string) => {
      const { body } = await app.api(`/api/v2/runs?${query}`);
      return body as { data: { id: string; status: string }[]; page: { cursor?: string; hasMore: boolean } };
    };
    const failed = await list("status=FAILED&limit=2");
    expect(failed.data.map(({ status }) => status)).toEqual(["FAILED", "FAILED"]);
    expect(failed.page.hasMore).toBe(true);
    const rest = await list(`status=FAILED&limit=2&cursor=${failed.page.cursor}`);
    const ids = [...failed.data, ...rest.data].map(({ id }) => id);
    expect(ids).toEqual(
      runs
        .map(({ runId }) => runId)
        .toSorted()
        .toReversed(),
    );
    expect((await list("functionId=page-shown")).data).toHaveLength(1);
  });

  test("the page needs nothing from elsewhere, and its functions tell what started them", async () => {
    const answer = await fetch(`${engine.url}/`);
    const page = await answer.text();
    expect(answer.headers.get("content-type")).toContain("text/html");
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page).not.toMatch(/(src|href)="?https?:|@import|url\(http/);
    const functions = await app.api("/page/functions");
    expect(functions.body.data).toMatchObject([
      { id: "page-shown", name: "Shown", triggers: ["page/shown"], isReachable: true, runs: { running: 1 } },
      { id: "page-fails", runs: { failed: 3 } },
    ]);
  });

  test("ended runs are removed after their time, running ones stay", async () => {
    const port = Number(new URL(engine.url).port);
    await engine.stop();
    engine = await startEmbeddedEngine({ dataDir, port, sdkUrl: app.url, args: ["--retention-hours", "0"] });
    const left = await waitFor("the old runs to be gone", async () => {
      const { body } = await app.api("/api/v2/runs");
      const runs = body.data as { status: string }[];
      return runs.length === 1 ? runs : null;
    });
    expect(left.map(({ status }) => status)).toEqual(["RUNNING"]);
    const events = await app.api("/v1/events?name=page/fails");
    expect(events.body.data).toEqual([]);
    const kept = await app.api("/v1/events?name=page/shown");
    expect(kept.body.data).toHaveLength(1);
  });
});
