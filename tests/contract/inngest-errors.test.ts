import { NonRetriableError, RetryAfterError, StepError } from "inngest";
import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";

function createFunctions(client: TestApp["client"]): Functions {
  const tries = new Map<string, number>();
  const next = (key: string): number => {
    tries.set(key, (tries.get(key) ?? 0) + 1);
    return tries.get(key) ?? 0;
  };
  const failUntil = (key: string, turn: number): number => {
    const now = next(key);
    if (now < turn) throw new Error(`${key} fails at ${now}`);
    return now;
  };
  return [
    client.createFunction({ id: "flaky", triggers: [{ event: "errors/flaky" }] }, async ({ event, step }) => {
      await step.run("steady", () => next(`steady-${event.data.tag}`));
      const tried = await step.run("flaky", () => failUntil(`flaky-${event.data.tag}`, 3));
      const again = await step.run("again", () => failUntil(`again-${event.data.tag}`, 2));
      return { tried, again, steady: tries.get(`steady-${event.data.tag}`) };
    }),
    client.createFunction({ id: "caught", retries: 1, triggers: [{ event: "errors/caught" }] }, async ({ step }) => {
      try {
        return await step.run("doomed", () => {
          throw new Error("no way", { cause: new Error("the root") });
        });
      } catch (error) {
        const isStepError = error instanceof StepError;
        const { message, cause } = error as Error;
        return await step.run("comfort", () => ({ isStepError, message, cause: (cause as Error).message }));
      }
    }),
    client.createFunction(
      {
        id: "function-error",
        retries: 1,
        triggers: [{ event: "errors/function" }],
        onFailure: async ({ error, event, step }) =>
          await step.run("told", () => ({ message: error.message, original: event.data.event.name })),
      },
      () => {
        throw new TypeError("the function fails");
      },
    ),
    client.createFunction(
      {
        id: "uncaught",
        retries: 1,
        triggers: [{ event: "errors/uncaught" }],
        onFailure: ({ error, event }) => ({ message: error.message, runId: event.data.run_id }),
      },
      async ({ step }) => {
        await step.run("bad", () => {
          throw new Error("the step fails");
        });
      },
    ),
    client.createFunction({ id: "final-step", triggers: [{ event: "errors/final-step" }] }, async ({ step }) => {
      await step.run("final", () => {
        throw new NonRetriableError("never again");
      });
    }),
    client.createFunction({ id: "final-function", triggers: [{ event: "errors/final-function" }] }, () => {
      throw new NonRetriableError("never again");
    }),
    client.createFunction({ id: "after-step", triggers: [{ event: "errors/after-step" }] }, async ({ event, step }) => {
      return await step.run("later", () => {
        if (next(`after-${event.data.tag}`) === 1) throw new RetryAfterError("busy", "2s");
        return "done";
      });
    }),
    client.createFunction({ id: "after-date", triggers: [{ event: "errors/after-date" }] }, ({ event }) => {
      const until = new Date(Date.now() + 2500);
      if (next(`date-${event.data.tag}`) === 1) throw new RetryAfterError("busy", until);
      return "done";
    }),
    client.createFunction({ id: "no-retries", retries: 0, triggers: [{ event: "errors/no-retries" }] }, () => {
      throw new Error("once");
    }),
    client.createFunction({ id: "settled", retries: 1, triggers: [{ event: "errors/settled" }] }, async ({ step }) => {
      const results = await Promise.allSettled([
        step.run("good", () => "good"),
        step.run("bad", () => {
          throw new Error("bad");
        }),
      ]);
      return results.map(({ status }) => status);
    }),
  ];
}

describeOnSubjects({
  id: "errors",
  functions: createFunctions,
  tests: (app) => {
    const tell = (runId: string) => app().record.tell(runId);
    const outcome = (runId: string) => app().record.outcome(runId);

    test.concurrent("a failed step is tried again, alone, and each step counts its own attempts", async () => {
      await app().send("errors/flaky", "e1");
      const { runId, exchanges } = await app().endedOne("flaky", "e1");
      expect(tell(runId)).toEqual([
        "checkpoint steady",
        "step#0 -> 206 StepError flaky",
        "step#1 (steady) -> 206 StepError flaky",
        "step#2 (steady) -> 206 StepRun flaky",
        "step#0 (flaky steady) -> 206 StepError again",
        "step#1 (flaky steady) -> 206 StepRun again",
        "step#0 (again flaky steady) -> 206 RunComplete",
      ]);
      expect(outcome(runId)).toEqual({ data: { tried: 3, again: 2, steady: 1 } });
      const failed = exchanges.find(({ ops }) => ops[0]?.op === "StepError");
      expect(failed?.headers["x-inngest-no-retry"]).toBe("false");
      expect(failed?.ops[0]?.error).toMatchObject({ name: "Error", message: "flaky-e1 fails at 1" });
    });

    test.concurrent("a step that has used up its attempts throws what the code can catch, with its cause", async () => {
      await app().send("errors/caught", "e2");
      const { runId } = await app().endedOne("caught", "e2");
      expect(tell(runId)).toEqual([
        "step#0 -> 206 StepError doomed",
        "step#1 -> 206 StepFailed doomed",
        "checkpoint comfort",
        "step#0 (doomed) -> 206 RunComplete",
      ]);
      expect(outcome(runId)).toEqual({ data: { isStepError: true, message: "no way", cause: "the root" } });
    });

    test.concurrent("a function that throws is tried again, then its onFailure runs with steps of its own", async () => {
      await app().send("errors/function", "e3");
      const { runId, exchanges } = await app().endedOne("function-error", "e3");
      expect(tell(runId)).toEqual(["step#0 -> 500", "step#1 -> 400"]);
      expect(exchanges.map(({ headers }) => headers["x-inngest-no-retry"])).toEqual(["false", "true"]);
      expect(exchanges.map(({ request }) => request.ctx.max_attempts)).toEqual([2, 2]);
      const failure = await app().endedOne("function-error-failure", "e3");
      expect(outcome(failure.runId)).toEqual({ data: { message: "the function fails", original: "errors/function" } });
      expect(failure.exchanges.at(-1)?.request).toMatchObject({
        event: {
          id: runId,
          name: "inngest/function.failed",
          data: { run_id: runId, function_id: "errors-function-error", error: { name: "TypeError" } },
        },
        ctx: { max_attempts: 2 },
      });
    });

    test.concurrent("a step's failure that nobody catches fails the run", async () => {
      await app().send("errors/uncaught", "e4");
      const { runId } = await app().endedOne("uncaught", "e4");
      expect(tell(runId)).toEqual([
        "step#0 -> 206 StepError bad",
        "step#1 -> 206 StepFailed bad",
        "step#0 (bad) -> 400",
      ]);
      const failure = await app().endedOne("uncaught-failure", "e4");
      expect(outcome(failure.runId)).toEqual({ data: { message: "the step fails", runId } });
    });

    test.concurrent("a NonRetriableError ends a step at its first attempt", async () => {
      await app().send("errors/final-step", "e5");
      const { runId } = await app().endedOne("final-step", "e5");
      expect(tell(runId)).toEqual(["step#0 -> 206 StepFailed final", "step#0 (final) -> 400"]);
      expect(outcome(runId)).toMatchObject({ error: { message: "never again" } });
    });

    test.concurrent("a NonRetriableError ends a function at its first attempt", async () => {
      await app().send("errors/final-function", "e6");
      const { runId } = await app().endedOne("final-function", "e6");
      expect(tell(runId)).toEqual(["step#0 -> 400"]);
    });

    test.concurrent("a step says after how many seconds it is tried again", async () => {
      await app().send("errors/after-step", "e7");
      const { runId, exchanges } = await app().endedOne("after-step", "e7");
      expect(tell(runId)).toEqual([
        "step#0 -> 206 StepError later",
        "step#1 -> 206 StepRun later",
        "step#0 (later) -> 206 RunComplete",
      ]);
      expect(exchanges[0]?.headers["retry-after"]).toBe("2");
      // Seconds count from the current whole second.
      expect((exchanges[1]?.startedAt ?? 0) - (exchanges[0]?.endedAt ?? 0)).toBeGreaterThanOrEqual(990);
    });

    test.concurrent("a function says at what time it is tried again", async () => {
      await app().send("errors/after-date", "e8");
      const { runId, exchanges } = await app().endedOne("after-date", "e8");
      expect(tell(runId)).toEqual(["step#0 -> 500", "step#1 -> 206 RunComplete"]);
      expect((exchanges[1]?.startedAt ?? 0) - (exchanges[0]?.endedAt ?? 0)).toBeGreaterThanOrEqual(1400);
    });

    test.concurrent("without retries the first error is the last", async () => {
      await app().send("errors/no-retries", "e9");
      const { runId, exchanges } = await app().endedOne("no-retries", "e9");
      expect(tell(runId)).toEqual(["step#0 -> 400"]);
      expect(exchanges[0]?.request.ctx.max_attempts).toBe(1);
    });

    test.concurrent("steps side by side fail alone", async () => {
      await app().send("errors/settled", "e10");
      const { runId } = await app().endedOne("settled", "e10");
      const lines = tell(runId).map((line) => line.replace(/ \(good\)/, ""));
      expect(lines.filter((line) => line.startsWith("good#"))).toEqual(["good#0 -> 206 StepRun good"]);
      expect(lines.filter((line) => line.startsWith("bad#"))).toEqual([
        "bad#0 -> 206 StepError bad",
        "bad#1 -> 206 StepFailed bad",
      ]);
      expect(lines.at(-1)).toBe("step#0 (bad good) -> 206 RunComplete");
      expect(outcome(runId)).toEqual({ data: ["fulfilled", "rejected"] });
    });
  },
});
