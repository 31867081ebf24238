import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";
import { waitFor } from "./inngest-wait.ts";

const failures: string[] = [];
const atWork = new Set<unknown>();

function createFunctions(client: TestApp["client"]): Functions {
  return [
    client.createFunction(
      {
        id: "matched",
        triggers: [{ event: "cancel/start" }],
        cancelOn: [{ event: "cancel/stop", match: "data.order" }],
        onFailure: ({ event }) => {
          failures.push(String(event.data.event.data.tag));
        },
      },
      async ({ step }) => {
        await step.sleep("hold", "30s");
      },
    ),
    client.createFunction(
      {
        id: "conditional",
        triggers: [{ event: "cancel/start-if" }],
        cancelOn: [{ event: "cancel/number", if: "async.data.tag == event.data.tag && async.data.n >= 5" }],
      },
      async ({ step }) => {
        await step.sleep("hold", "30s");
      },
    ),
    client.createFunction({ id: "by-hand", triggers: [{ event: "cancel/start-api" }] }, async ({ step }) => {
      await step.sleep("hold", "30s");
    }),
    client.createFunction(
      {
        id: "fan-out",
        triggers: [{ event: "cancel/fan-out" }],
        concurrency: { limit: 2, key: "event.data.tag" },
        cancelOn: [{ event: "cancel/stop-fan-out", match: "data.tag" }],
      },
      async ({ step }) => {
        const part = () => new Promise((resolve) => setTimeout(resolve, 200));
        await Promise.all(Array.from({ length: 30 }, (_, index) => step.run(`part-${index}`, part)));
        await step.run("never", () => "reached");
      },
    ),
    client.createFunction(
      { id: "finish-in-time", triggers: [{ event: "cancel/timeouts" }], timeouts: { finish: "1s" } },
      async ({ step }) => {
        await step.sleep("hold", "30s");
      },
    ),
    client.createFunction(
      {
        id: "start-in-time",
        triggers: [{ event: "cancel/queue" }],
        concurrency: { limit: 1, key: "event.data.tag" },
        timeouts: { start: "1s" },
      },
      async ({ event, step }) => {
        atWork.add(event.data.tag);
        await step.run("work", () => new Promise((resolve) => setTimeout(resolve, 2500)));
      },
    ),
    client.createFunction({ id: "told", triggers: [{ event: "inngest/function.cancelled" }] }, ({ event }) => {
      const { function_id: functionId, run_id: runId, error, result } = event.data as Record<string, unknown>;
      return { id: event.id, functionId, runId, error, result };
    }),
    client.createFunction(
      {
        id: "newest",
        triggers: [{ event: "cancel/newest" }],
        cancelOn: [{ event: "cancel/newest", match: "data.tag" }],
      },
      async ({ event, step }) => {
        await step.run("note", () => event.data.turn as number);
        await step.waitForEvent("end", { event: "cancel/end-newest", match: "data.tag", timeout: "1m" });
        return event.data.turn as number;
      },
    ),
  ];
}

describeOnSubjects({
  id: "cancel",
  functions: createFunctions,
  tests: (app) => {
    const begun = (fn: string, tag: string) =>
      waitFor(`a run of ${fn}`, () =>
        app()
          .runsOf(fn, tag)
          .find(({ exchanges }) => exchanges.length > 0),
      );
    const told = async (tag: string) => {
      const run = await app().endedOne("told", tag);
      return (app().record.outcome(run.runId) as { data: Record<string, unknown> }).data;
    };

    test.concurrent("an event cancels the run that it matches and no other", async () => {
      await app().send("cancel/start", "c1", { order: 1 });
      await app().send("cancel/start", "c1-other", { order: 2 });
      const { runId } = await begun("matched", "c1");
      const other = await begun("matched", "c1-other");
      await app().send("cancel/stop", "stopper", { order: 1 });
      await app().endedOne("matched", "c1");
      expect(app().record.tell(runId)).toEqual(["step#0 -> 206 Sleep hold"]);
      const event = await told("c1");
      expect(event).toEqual({ id: runId, functionId: "cancel-matched", runId, error: undefined, result: undefined });
      expect(failures).not.toContain("c1");
      const { body } = await app().api(`/api/v2/runs/${other.runId}`);
      expect((body.data as { endedAt?: string }).endedAt).toBeUndefined();
      await app().send("cancel/stop", "stopper", { order: 2 });
      await app().endedOne("matched", "c1-other");
    });

    test.concurrent("an event cancels only when its condition holds", async () => {
      await app().send("cancel/start-if", "c2");
      const { runId } = await begun("conditional", "c2");
      await app().send("cancel/number", "c2", { n: 4 });
      await app().send("cancel/number", "c2-not", { n: 9 });
      const { body } = await app().api(`/api/v2/runs/${runId}`);
      expect((body.data as { endedAt?: string }).endedAt).toBeUndefined();
      await app().send("cancel/number", "c2", { n: 5 });
      await app().endedOne("conditional", "c2");
      expect((await told("c2")).runId).toBe(runId);
    });

    test.concurrent("a run is cancelled by the API", async () => {
      await app().send("cancel/start-api", "c3");
      const { runId } = await begun("by-hand", "c3");
      const { status } = await app().api(`/v1/runs/${runId}`, { method: "DELETE" });
      expect(status).toBeLessThan(300);
      await app().endedOne("by-hand", "c3");
      expect((await told("c3")).runId).toBe(runId);
    });

    test.concurrent("cancelling during a fan-out leaves what has not begun undone", async () => {
      await app().send("cancel/fan-out", "c4");
      await begun("fan-out", "c4");
      const ran = () =>
        app()
          .runsOf("fan-out", "c4")[0]
          ?.exchanges.filter(({ target }) => target !== "step") ?? [];
      await waitFor("the first parts", () => ran().length >= 2);
      await app().send("cancel/stop-fan-out", "c4");
      const { runId } = await app().endedOne("fan-out", "c4");
      expect((await told("c4")).runId).toBe(runId);
      expect(ran().length).toBeLessThan(30);
      expect(
        app()
          .record.tell(runId)
          .some((line) => line.includes("never")),
      ).toBe(false);
    });

    test.concurrent("a run that takes longer than it may is cancelled", async () => {
      await app().send("cancel/timeouts", "c5");
      const { runId } = await app().endedOne("finish-in-time", "c5");
      expect((await told("c5")).runId).toBe(runId);
    });

    test.concurrent("a run that does not begin in time is cancelled", async () => {
      await app().send("cancel/queue", "c6", { turn: 1 });
      await waitFor("the first run's work", () => atWork.has("c6"));
      await app().send("cancel/queue", "c6", { turn: 2 });
      const event = await told("c6");
      const [first] = await app().ended("start-in-time", "c6");
      expect(event.runId).not.toBe(first?.runId);
      expect(app().runsOf("start-in-time", "c6")).toHaveLength(1);
    });

    test.concurrent("an event that starts a run and cancels others does not cancel its own", async () => {
      await app().send("cancel/newest", "c7", { turn: 1 });
      const first = await begun("newest", "c7");
      await app().send("cancel/newest", "c7", { turn: 2 });
      await waitFor("the second run", () => app().runsOf("newest", "c7").length === 2);
      expect((await told("c7")).runId).toBe(first.runId);
      await waitFor("the second run's end", async () => {
        await app().send("cancel/end-newest", "c7");
        return app()
          .runsOf("newest", "c7")
          .some(({ runId }) => app().record.outcome(runId) !== null);
      });
      const runs = await app().ended("newest", "c7", 2);
      expect(runs.map(({ runId }) => app().record.outcome(runId))).toEqual([null, { data: 2 }]);
    });
  },
});
