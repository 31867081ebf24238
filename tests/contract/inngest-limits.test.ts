import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";

const MiB = 1024 * 1024;

function createFunctions(client: TestApp["client"]): Functions {
  return [
    client.createFunction({ id: "too-wide", retries: 0, triggers: [{ event: "limits/wide" }] }, async ({ step }) => {
      await Promise.all(Array.from({ length: 1001 }, (_, index) => step.run(`part-${index}`, () => index)));
    }),
    client.createFunction(
      { id: "long", retries: 0, checkpointing: { bufferedSteps: 100 }, triggers: [{ event: "limits/long" }] },
      async ({ step }) => {
        let sum = 0;
        for (let turn = 0; turn < 1010; turn += 1) sum += await step.run(`turn-${turn}`, () => 1);
        return sum;
      },
    ),
    client.createFunction({ id: "too-big", retries: 0, triggers: [{ event: "limits/big" }] }, async ({ step }) => {
      return (await step.run("big", () => "x".repeat(4 * MiB + 10))).length;
    }),
    client.createFunction({ id: "heavy", retries: 0, triggers: [{ event: "limits/heavy" }] }, async ({ step }) => {
      let bytes = 0;
      for (const part of [1, 2, 3]) bytes += (await step.run(`part-${part}`, () => "x".repeat(2 * MiB))).length;
      await step.sleep("pause", "1s");
      bytes += (await step.run("last", () => "y")).length;
      return bytes;
    }),
  ];
}

describeOnSubjects({
  id: "limits",
  functions: createFunctions,
  tests: (app) => {
    const failure = async (runId: string) => {
      const { body } = await app().api(`/api/v2/runs/${runId}?includeOutput=true`);
      return JSON.stringify((body.data as { output?: unknown }).output ?? null);
    };

    test.concurrent("a plan of more than a thousand steps fails at once", async () => {
      await app().send("limits/wide", "l1");
      const { runId, exchanges } = await app().endedOne("too-wide", "l1");
      expect(exchanges).toHaveLength(1);
      expect(await failure(runId)).toContain("InngestErrFunctionOverflowed");
    });

    test.concurrent("more than a thousand steps in a row pass in one request", async () => {
      await app().send("limits/long", "l2");
      const { runId } = await app().endedOne("long", "l2");
      expect(app().record.outcome(runId)).toEqual({ data: 1010 });
    });

    test.concurrent("a step's output of more than 4 MiB is refused", async () => {
      await app().send("limits/big", "l3");
      const { runId, exchanges } = await app().endedOne("too-big", "l3");
      const reports = exchanges.filter(({ kind }) => kind === "checkpoint");
      expect(new Set(reports.map(({ status }) => status))).toEqual(new Set([413]));
      expect(await failure(runId)).toContain("step output size is greater than the limit");
    });

    test.concurrent("state too large for a request is fetched by the SDK", async () => {
      await app().send("limits/heavy", "l4");
      const { runId, exchanges } = await app().endedOne("heavy", "l4");
      expect(app().record.outcome(runId)).toEqual({ data: 6 * MiB + 1 });
      const last = exchanges.at(-1)?.request;
      expect(last).toMatchObject({ steps: {}, events: [], ctx: { use_api: true } });
      expect(last?.ctx.stack.stack).toHaveLength(4);
    });
  },
});
