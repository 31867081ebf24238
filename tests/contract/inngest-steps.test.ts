import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";

function createFunctions(client: TestApp["client"]): Functions {
  return [
    client.createFunction(
      { id: "sequence", triggers: [{ event: "steps/sequence" }] },
      async ({ event, step, runId }) => {
        const one = await step.run("one", () => ({ value: event.data.start as number }));
        const two = await step.run("two", () => one.value + 1);
        return { two, runId, name: event.name };
      },
    ),
    client.createFunction(
      { id: "classic", checkpointing: false, triggers: [{ event: "steps/classic" }] },
      async ({ step }) => {
        const one = await step.run("one", () => 1);
        return await step.run("two", () => one + 1);
      },
    ),
    client.createFunction({ id: "loop", triggers: [{ event: "steps/loop" }] }, async ({ step }) => {
      const seen: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) seen.push(await step.run("turn", () => turn * 10));
      return seen;
    }),
    client.createFunction({ id: "all", triggers: [{ event: "steps/all" }] }, async ({ step }) => {
      const parts = await Promise.all(["a", "b", "c"].map((id) => step.run(id, () => id.toUpperCase())));
      return await step.run("join", () => parts.join(""));
    }),
    client.createFunction({ id: "chains", triggers: [{ event: "steps/chains" }] }, async ({ step }) => {
      const chain = async (id: string) => {
        const first = await step.run(`${id}1`, () => 1);
        return await step.run(`${id}2`, () => first + 1);
      };
      return await Promise.all([chain("a"), chain("b")]);
    }),
    client.createFunction({ id: "race", triggers: [{ event: "steps/race" }] }, async ({ step, group }) => {
      const winner = await group.parallel({ mode: "race" }, () =>
        Promise.race([
          step.run("quick", () => "quick"),
          step.run("slow", () => new Promise((resolve) => setTimeout(() => resolve("slow"), 1500))),
        ]),
      );
      const after = await step.run("after", () => `${winner} won`);
      return after;
    }),
    client.createFunction({ id: "sleeps", triggers: [{ event: "steps/sleeps" }] }, async ({ step }) => {
      await step.sleep("short", "1s");
      const until = await step.run("until", () => new Date(Date.now() + 1200).toISOString());
      await step.sleepUntil("date", until);
      return "awake";
    }),
    client.createFunction({ id: "wide", triggers: [{ event: "steps/wide" }] }, async ({ step }) => {
      const ids = Array.from({ length: 50 }, (_, index) => index);
      return (await Promise.all(ids.map((id) => step.run(`part-${id}`, () => id)))).length;
    }),
    client.createFunction({ id: "mixed", triggers: [{ event: "steps/mixed" }] }, async ({ step }) => {
      const [, ran, waited] = await Promise.all([
        step.sleep("nap", "1s"),
        step.run("work", () => "worked"),
        step.waitForEvent("never", { event: "steps/never", timeout: "1s" }),
      ]);
      return { ran, waited };
    }),
  ];
}

describeOnSubjects({
  id: "steps",
  functions: createFunctions,
  tests: (app) => {
    test.concurrent("steps in a row run in one request and are reported one by one", async () => {
      await app().send("steps/sequence", "t1", { start: 41 });
      const { runId } = await app().endedOne("sequence", "t1");
      expect(app().record.tell(runId)).toEqual(["checkpoint one", "checkpoint two", "step#0 -> 206 RunComplete"]);
      expect(app().record.outcome(runId)).toEqual({ data: { two: 42, runId, name: "steps/sequence" } });
      const [call] = app()
        .record.of(runId)
        .filter((exchange) => exchange.kind === "call");
      expect(call?.request).toMatchObject({
        event: { name: "steps/sequence", data: { start: 41, tag: "t1" }, user: {} },
        ctx: { attempt: 0, max_attempts: 5, disable_immediate_execution: false, use_api: false },
        version: -1,
      });
      expect(call?.request.ctx.fn_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(call?.request.events).toHaveLength(1);
    });

    test.concurrent("without checkpointing every step is a request of its own", async () => {
      await app().send("steps/classic", "t2");
      const { runId, exchanges } = await app().endedOne("classic", "t2");
      expect(app().record.tell(runId)).toEqual([
        "step#0 -> 206 StepRun one",
        "step#0 (one) -> 206 StepRun two",
        "step#0 (one two) -> 200",
      ]);
      expect(app().record.outcome(runId)).toEqual({ data: 2 });
      const last = exchanges.at(-1)?.request;
      expect(Object.values(last?.steps ?? {})).toEqual([{ data: 1 }, { data: 2 }]);
      expect(last?.ctx.stack.stack).toEqual(Object.keys(last?.steps ?? {}));
      expect(exchanges.map(({ request }) => request.version)).toEqual([-1, 2, 2]);
    });

    test.concurrent("a step id that is used again is another step", async () => {
      await app().send("steps/loop", "t3");
      const { runId, exchanges } = await app().endedOne("loop", "t3");
      expect(app().record.outcome(runId)).toEqual({ data: [0, 10, 20] });
      const ids = exchanges.filter(({ kind }) => kind === "checkpoint").flatMap(({ ops }) => ops.map(({ id }) => id));
      expect(new Set(ids).size).toBe(3);
    });

    test.concurrent("steps side by side are planned, run alone, and joined by one discovery", async () => {
      await app().send("steps/all", "t4");
      const { runId, exchanges } = await app().endedOne("all", "t4");
      const [plan, ...rest] = app().record.tell(runId);
      expect(plan).toBe("step#0 -> 206 StepPlanned a, StepPlanned b, StepPlanned c");
      expect(
        rest
          .slice(0, 3)
          .map((line) => line.replace(/ \(.*\)/, ""))
          .sort(),
      ).toEqual(["a#0 -> 206 StepRun a", "b#0 -> 206 StepRun b", "c#0 -> 206 StepRun c"]);
      expect(rest.slice(3)).toEqual(["checkpoint join", "step#0 (a b c) -> 206 RunComplete"]);
      expect(app().record.outcome(runId)).toEqual({ data: "ABC" });
      const targeted = exchanges.filter(({ target, kind }) => kind === "call" && target !== "step");
      expect(targeted.map(({ request }) => request.ctx.disable_immediate_execution)).toEqual([true, true, true]);
      expect(exchanges.at(-1)?.request.ctx.disable_immediate_execution).toBe(false);
    });

    test.concurrent("two chains side by side go on in step with each other", async () => {
      await app().send("steps/chains", "t5");
      const { runId } = await app().endedOne("chains", "t5");
      const lines = app()
        .record.tell(runId)
        .map((line) => line.replace(/^(a|b)(\d)#0 \(.*\)/, "$1$2#0"));
      expect(lines[0]).toBe("step#0 -> 206 StepPlanned a1, StepPlanned b1");
      expect(lines.slice(1, 3).sort()).toEqual(["a1#0 -> 206 StepRun a1", "b1#0 -> 206 StepRun b1"]);
      expect(lines[3]).toBe("step#0 (a1 b1) -> 206 StepPlanned a2, StepPlanned b2");
      expect(lines.slice(4, 6).sort()).toEqual(["a2#0 -> 206 StepRun a2", "b2#0 -> 206 StepRun b2"]);
      expect(lines.slice(6)).toEqual(["step#0 (a1 a2 b1 b2) -> 206 RunComplete"]);
      expect(app().record.outcome(runId)).toEqual({ data: [2, 2] });
    });

    test.concurrent("a race goes on with its first", async () => {
      await app().send("steps/race", "t6");
      const { runId, exchanges } = await app().endedOne("race", "t6");
      expect(app().record.outcome(runId)).toEqual({ data: "quick won" });
      const planned = exchanges[0]?.ops.map(({ opts }) => opts?.parallelMode);
      expect(planned).toEqual(["race", "race"]);
      const lines = app().record.tell(runId);
      expect(lines.filter((line) => line.includes("StepRun quick"))).toHaveLength(1);
      expect(lines.filter((line) => /(checkpoint|StepRun) after/.test(line))).toHaveLength(1);
    });

    test.concurrent("sleeps hold the run for as long as they say", async () => {
      await app().send("steps/sleeps", "t7");
      const { runId, exchanges } = await app().endedOne("sleeps", "t7");
      expect(app().record.tell(runId)).toEqual([
        "step#0 -> 206 Sleep short",
        "checkpoint until",
        "step#0 (short) -> 206 Sleep date",
        "step#0 (date short until) -> 206 RunComplete",
      ]);
      const calls = exchanges.filter((exchange) => exchange.kind === "call");
      expect((calls[1]?.startedAt ?? 0) - (calls[0]?.endedAt ?? 0)).toBeGreaterThanOrEqual(990);
      expect(Object.values(calls[1]?.request.steps ?? {})).toEqual([null]);
    });

    test.concurrent("fifty steps side by side are fifty-two requests", async () => {
      await app().send("steps/wide", "t8");
      const { runId, exchanges } = await app().endedOne("wide", "t8");
      expect(exchanges.filter(({ kind }) => kind === "call")).toHaveLength(52);
      expect(app().record.outcome(runId)).toEqual({ data: 50 });
    });

    test.concurrent("a sleep, a wait and a step side by side are joined once", async () => {
      await app().send("steps/mixed", "t9");
      const { runId } = await app().endedOne("mixed", "t9");
      expect(app().record.tell(runId)).toEqual([
        "step#0 -> 206 Sleep nap, StepPlanned work, WaitForEvent never",
        "work#0 -> 206 StepRun work",
        "step#0 (nap never work) -> 206 RunComplete",
      ]);
      expect(app().record.outcome(runId)).toEqual({ data: { ran: "worked", waited: null } });
    });
  },
});
