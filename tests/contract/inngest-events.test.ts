import { eventType } from "inngest";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";

const typed = eventType("events/typed", { schema: z.object({ tag: z.string(), n: z.number() }) });

const news = { schema: z.object({ hello: z.string() }) };

function createFunctions(client: TestApp["client"]): Functions {
  return [
    client.createFunction(
      {
        id: "many",
        triggers: [
          { event: "events/one", if: "event.data.n > 2" },
          { event: "events/two" },
          { event: "events/wild/*" },
        ],
      },
      ({ event }) => event.name,
    ),
    client.createFunction(
      {
        id: "missing",
        triggers: [{ event: "events/missing", if: "event.data.absent.deep == null && event.data.n == 1" }],
      },
      () => "ran",
    ),
    client.createFunction({ id: "typed", triggers: [typed] }, ({ event }) => event.data.n),
    client.createFunction({ id: "plain", triggers: [{ event: "events/plain" }] }, ({ event }) => event.ts as number),
    client.createFunction({ id: "fails", retries: 0, triggers: [{ event: "events/fails" }] }, () => {
      throw new RangeError("too far", { cause: { code: 7 } });
    }),
    client.createFunction(
      { id: "told-finished", triggers: [{ event: "inngest/function.finished" }] },
      () => "finished",
    ),
    client.createFunction({ id: "told-failed", triggers: [{ event: "inngest/function.failed" }] }, () => "failed"),
    client.createFunction({ id: "publish", triggers: [{ event: "events/publish" }] }, async ({ step }) => {
      return await step.realtime.publish("say", { channel: "room", topic: "news", config: news }, { hello: "world" });
    }),
  ];
}

describeOnSubjects({
  id: "events",
  functions: createFunctions,
  tests: (app, subject) => {
    const post = async (body: unknown, headers: Record<string, string> = {}) => {
      const init = { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) };
      const answer = await fetch(`${subject().url}/e/test`, init);
      return { status: answer.status, body: (await answer.json()) as { ids?: string[]; error?: string } };
    };
    const outcomes = (fn: string, tag: string) =>
      app()
        .runsOf(fn, tag)
        .map(({ runId }) => app().record.outcome(runId));

    test.concurrent("triggers by name, by condition and by wildcard start a function once each", async () => {
      await app().send("events/one", "v1", { n: 1 });
      await app().send("events/one", "v1", { n: 3 });
      await app().send("events/two", "v1");
      await app().send("events/wild/deep/er", "v1");
      await app().send("events/wildly", "v1");
      await app().ended("many", "v1", 3);
      await app().send("events/plain", "v1-after");
      await app().ended("plain", "v1-after");
      const names = outcomes("many", "v1").map((outcome) => (outcome as { data: string }).data);
      expect(names.sort()).toEqual(["events/one", "events/two", "events/wild/deep/er"]);
    });

    test.concurrent("what an expression reads and an event lacks is null", async () => {
      await app().send("events/missing", "v2", { n: 2 });
      await app().send("events/missing", "v2", { n: 1 });
      const runs = await app().ended("missing", "v2");
      expect(runs).toHaveLength(1);
    });

    test.concurrent("an event that does not fit its type fails the run at once", async () => {
      await post({ name: "events/typed", data: { tag: "v3", n: "not a number" } });
      const { runId } = await app().endedOne("typed", "v3");
      expect(app().record.tell(runId)).toEqual(["step#0 -> 400"]);
      await post({ name: "events/typed", data: { tag: "v3-good", n: 5 } });
      await app().endedOne("typed", "v3-good");
      expect(outcomes("typed", "v3-good")).toEqual([{ data: 5 }]);
    });

    test.concurrent("bad events are refused by name, and what stands before them is taken", async () => {
      for (const bad of [
        { name: "events/plain", data: ["list"] },
        { name: "events/plain", data: "text" },
        { data: {} },
      ]) {
        expect((await post(bad)).status, JSON.stringify(bad)).toBe(400);
      }
      expect((await post({ name: "inngest/function.finished", data: {} })).status).toBe(400);
      expect((await post("{")).status).toBe(400);
      const mixed = await post([
        { name: "events/plain", data: { tag: "v4" } },
        { name: "", data: {} },
      ]);
      expect(mixed.status).toBe(400);
      await app().ended("plain", "v4");
      const answer = await post({ name: "events/plain", data: { tag: "v4", big: "x".repeat(3.5 * 1024 * 1024) } });
      expect(answer.status).toBe(400);
    });

    test.concurrent("an event of the future starts its run then", async () => {
      const ts = Date.now() + 1500;
      await app().send("events/plain", "v5", {}, { ts });
      const { exchanges } = await app().endedOne("plain", "v5");
      expect(outcomes("plain", "v5")).toEqual([{ data: ts }]);
      expect(exchanges[0]?.startedAt).toBeGreaterThanOrEqual(ts - 5);
    });

    test.concurrent("a request that is sent again by its seed adds no event", async () => {
      const headers = {
        "x-inngest-event-id-seed": `${Date.now()},${Buffer.from(crypto.getRandomValues(new Uint8Array(10))).toString("base64")}`,
      };
      const events = [1, 2].map((n) => ({ name: "events/plain", data: { tag: "v6", n } }));
      const first = await post(events, headers);
      const second = await post(events, headers);
      expect(first.status).toBe(200);
      expect(second.body.ids).toEqual(first.body.ids);
      expect(new Set(first.body.ids).size).toBe(2);
      await app().ended("plain", "v6", 2);
      await app().send("events/plain", "v6-after");
      await app().ended("plain", "v6-after");
      expect(app().runsOf("plain", "v6")).toHaveLength(2);
    });

    test.concurrent("the ends of runs are told by events", async () => {
      await app().send("events/plain", "v7");
      await app().send("events/fails", "v7");
      const good = await app().endedOne("plain", "v7");
      const bad = await app().endedOne("fails", "v7");
      const finished = await app().ended("told-finished", "v7", 2);
      const byRun = new Map(
        finished.map(({ exchanges }) => {
          const event = exchanges[0]?.request.event;
          return [event?.data.run_id, event];
        }),
      );
      expect(byRun.get(good.runId)).toMatchObject({
        name: "inngest/function.finished",
        data: {
          function_id: "events-plain",
          run_id: good.runId,
          result: expect.any(Number),
          event: { name: "events/plain" },
          events: [{ name: "events/plain" }],
          _inngest: { status: "Completed" },
        },
      });
      expect(byRun.get(good.runId)?.data.error).toBeUndefined();
      const error = { name: "RangeError", message: "too far", stack: expect.stringContaining("RangeError") };
      expect(byRun.get(bad.runId)?.data).toMatchObject({ error, result: error, _inngest: { status: "Failed" } });
      const [failed] = await app().ended("told-failed", "v7");
      expect(failed?.exchanges[0]?.request.event).toMatchObject({
        id: bad.runId,
        name: "inngest/function.failed",
        data: { function_id: "events-fails", run_id: bad.runId, error },
      });
    });

    test.concurrent("a run may publish to its subscribers", async () => {
      await app().send("events/publish", "v8");
      const { runId } = await app().endedOne("publish", "v8");
      expect(app().record.tell(runId)).toEqual(["checkpoint say", "step#0 -> 206 RunComplete"]);
      expect(app().record.outcome(runId)).toEqual({ data: { hello: "world" } });
    });
  },
});
