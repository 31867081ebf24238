import { invoke, staticSchema } from "inngest";
import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";
import { waitFor } from "./inngest-wait.ts";

type Given = { tag?: string; value?: number; fails?: boolean };

const invokedOnly = [invoke(staticSchema<Given>())];

function createFunctions(client: TestApp["client"]): Functions {
  const child = client.createFunction({ id: "child", retries: 0, triggers: invokedOnly }, async ({ event, step }) => {
    const given = event.data as Given;
    if (given.fails) throw new Error("the child failed");
    return await step.run("double", () => Number(given.value) * 2);
  });
  const plain = client.createFunction(
    { id: "plain", triggers: invokedOnly },
    ({ event }) => (event.data as Given).value,
  );
  const slow = client.createFunction({ id: "slow", triggers: invokedOnly }, async ({ step }) => {
    await step.sleep("long", "8s");
    return "late";
  });
  return [
    child,
    plain,
    slow,
    client.createFunction({ id: "wait", triggers: [{ event: "waits/start" }] }, async ({ step }) => {
      const found = await step.waitForEvent("approval", {
        event: "waits/approved",
        match: "data.order",
        timeout: "1m",
      });
      return { by: found?.data.by, name: found?.name };
    }),
    client.createFunction({ id: "wait-if", triggers: [{ event: "waits/start-if" }] }, async ({ step }) => {
      const found = await step.waitForEvent("big", {
        event: "waits/number",
        if: "async.data.tag == event.data.tag && async.data.n > 3",
        timeout: "1m",
      });
      return found?.data.n;
    }),
    client.createFunction({ id: "wait-out", triggers: [{ event: "waits/start-out" }] }, async ({ step }) => {
      return await step.waitForEvent("never", { event: "waits/never", timeout: "1s" });
    }),
    client.createFunction({ id: "invoke", triggers: [{ event: "waits/invoke" }] }, async ({ event, step }) => {
      const { tag } = event.data;
      const one = await step.invoke("one", { function: child, data: { value: 4, tag } });
      const many = await Promise.all(
        [1, 2, 3].map((value) => step.invoke(`many-${value}`, { function: plain, data: { value, tag } })),
      );
      const failed = await step
        .invoke("failing", { function: child, data: { fails: true, tag } })
        .catch((error: Error) => ({ caught: error.message, name: error.name }));
      return { one, many, failed };
    }),
    client.createFunction({ id: "invoke-out", triggers: [{ event: "waits/invoke-out" }] }, async ({ event, step }) => {
      const data = { tag: event.data.tag };
      return await step
        .invoke("late", { function: slow, data, timeout: "1s" })
        .catch((error: Error) => ({ caught: error.message }));
    }),
    client.createFunction({ id: "send", triggers: [{ event: "waits/send" }] }, async ({ event, step }) => {
      const { tag } = event.data;
      const { ids } = await step.sendEvent("tell", [
        { name: "waits/sink", data: { tag, kind: "wanted" } },
        { name: "waits/sink", data: { tag, kind: "other" } },
      ]);
      return ids.length;
    }),
    client.createFunction(
      { id: "sink", triggers: [{ event: "waits/sink", if: "event.data.kind == 'wanted'" }] },
      ({ event }) => event.data.kind as string,
    ),
    client.createFunction({ id: "own-answer", triggers: [{ event: "waits/own" }] }, async ({ event, step }) => {
      const { tag } = event.data;
      const [heard] = await Promise.all([
        step.waitForEvent("echo", { event: "waits/echo", match: "data.tag", timeout: "1m" }),
        step.sendEvent("call", { name: "waits/echo", data: { tag } }),
      ]);
      return heard !== null;
    }),
  ];
}

describeOnSubjects({
  id: "waits",
  functions: createFunctions,
  tests: (app) => {
    const hasCalled = (fn: string, tag: string) =>
      waitFor(`the first call of ${fn}`, () => app().runsOf(fn, tag).length > 0);

    test.concurrent("a wait takes the first event that matches and no other", async () => {
      await app().send("waits/start", "w1", { order: 7 });
      await hasCalled("wait", "w1");
      await waitFor("the wait to be kept", async () => {
        await app().send("waits/approved", "other", { order: 8, by: "nobody" });
        await app().send("waits/approved", "w1", { order: 7, by: "ann" });
        return app().record.outcome(app().runsOf("wait", "w1")[0]?.runId ?? "") !== null;
      });
      const { runId, exchanges } = await app().endedOne("wait", "w1");
      expect(app().record.tell(runId)).toEqual([
        "step#0 -> 206 WaitForEvent approval",
        "step#0 (approval) -> 206 RunComplete",
      ]);
      expect(exchanges[0]?.ops[0]?.opts).toMatchObject({ if: "event.data.order == async.data.order", timeout: "1m" });
      const [kept] = Object.values(exchanges.at(-1)?.request.steps ?? {});
      expect(kept).toMatchObject({ name: "waits/approved", data: { order: 7, by: "ann" } });
      expect(app().record.outcome(runId)).toEqual({ data: { by: "ann", name: "waits/approved" } });
    });

    test.concurrent("a wait's expression sees both events", async () => {
      await app().send("waits/start-if", "w2");
      await hasCalled("wait-if", "w2");
      await waitFor("the wait to be kept", async () => {
        await app().send("waits/number", "w2", { n: 2 });
        await app().send("waits/number", "w2", { n: 5 });
        return app().record.outcome(app().runsOf("wait-if", "w2")[0]?.runId ?? "") !== null;
      });
      const { runId } = await app().endedOne("wait-if", "w2");
      expect(app().record.outcome(runId)).toEqual({ data: 5 });
    });

    test.concurrent("a wait that is over gives null", async () => {
      await app().send("waits/start-out", "w3");
      const { runId, exchanges } = await app().endedOne("wait-out", "w3");
      expect(app().record.tell(runId)).toEqual([
        "step#0 -> 206 WaitForEvent never",
        "step#0 (never) -> 206 RunComplete",
      ]);
      expect(Object.values(exchanges.at(-1)?.request.steps ?? {})).toEqual([null]);
      expect(app().record.outcome(runId)).toEqual({ data: null });
    });

    test.concurrent("an invoked function gives its result, or its error as one that can be caught", async () => {
      await app().send("waits/invoke", "w4");
      const { runId, exchanges } = await app().endedOne("invoke", "w4");
      expect(app().record.outcome(runId)).toEqual({
        data: { one: 8, many: [1, 2, 3], failed: { caught: "the child failed", name: "Error" } },
      });
      expect(app().record.tell(runId)).toEqual([
        "step#0 -> 206 InvokeFunction one",
        "step#0 (one) -> 206 InvokeFunction many-1, InvokeFunction many-2, InvokeFunction many-3",
        "step#0 (many-1 many-2 many-3 one) -> 206 InvokeFunction failing",
        "step#0 (failing many-1 many-2 many-3 one) -> 206 RunComplete",
      ]);
      expect(exchanges[1]?.request.steps).toEqual({ [exchanges[0]?.ops[0]?.id ?? ""]: { data: 8 } });
      const failing = exchanges[2]?.ops[0]?.id ?? "";
      expect(exchanges[3]?.request.steps[failing]).toMatchObject({
        error: { name: "Error", message: "the child failed" },
      });
      const [child] = app().runsOf("child", "w4");
      expect(child?.exchanges.at(-1)?.request.event).toMatchObject({
        name: "inngest/function.invoked",
        data: { value: 4, _inngest: { correlation_id: `${runId}.${exchanges[0]?.ops[0]?.id}` } },
      });
    });

    test.concurrent("an invoked function that takes too long is an error for its caller", async () => {
      await app().send("waits/invoke-out", "w5");
      const { runId, exchanges } = await app().endedOne("invoke-out", "w5");
      const message = "Timed out waiting for invoked function to complete";
      expect(app().record.outcome(runId)).toEqual({ data: { caught: message } });
      expect(Object.values(exchanges.at(-1)?.request.steps ?? {})).toEqual([
        { error: expect.objectContaining({ name: "InngestInvokeTimeoutError", message }) },
      ]);
    });

    test.concurrent("events that a step sends start other functions, as their triggers say", async () => {
      await app().send("waits/send", "w6");
      const { runId } = await app().endedOne("send", "w6");
      expect(app().record.outcome(runId)).toEqual({ data: 2 });
      const sinks = await app().ended("sink", "w6");
      expect(sinks.map((run) => app().record.outcome(run.runId))).toEqual([{ data: "wanted" }]);
    });

    test.concurrent("a wait hears what a step beside it sends", async () => {
      await app().send("waits/own", "w7");
      const { runId } = await app().endedOne("own-answer", "w7");
      expect(app().record.outcome(runId)).toEqual({ data: true });
    });
  },
});
