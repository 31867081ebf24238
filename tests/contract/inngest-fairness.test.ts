import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";
import { waitFor } from "./inngest-wait.ts";

const workMs = 50;

function createFunctions(client: TestApp["client"]): Functions {
  const work = () => new Promise<void>((resolve) => setTimeout(resolve, workMs));
  return [
    client.createFunction(
      {
        id: "shared",
        triggers: [{ event: "fairness/shared" }],
        concurrency: [{ limit: 2 }, { limit: 1, key: "event.data.owner" }],
      },
      work,
    ),
    client.createFunction(
      {
        id: "wide",
        triggers: [{ event: "fairness/wide" }],
        concurrency: [{ limit: 2 }, { limit: 2, key: "event.data.owner" }],
      },
      async ({ event, step }) => {
        const steps = Array.from({ length: Number(event.data.steps) }, (_, index) => step.run(`part-${index}`, work));
        await Promise.all(steps);
      },
    ),
  ];
}

describeOnSubjects({
  id: "fairness",
  functions: createFunctions,
  tests: (app) => {
    const startsOf = (fn: string, tag: string) =>
      app()
        .runsOf(fn, tag)
        .map(({ exchanges }) => exchanges[0]?.startedAt ?? 0);

    test.concurrent("queues of two owners that fill all places do not hold up a third one", async () => {
      const of = (tag: string, owner: string) => ({ name: "fairness/shared", data: { tag, owner } });
      const queues = Array.from({ length: 30 }, () => [of("queue", "a"), of("queue", "b")]).flat();
      await app().client.send([...queues, of("single", "c")]);
      await app().ended("shared", "single");
      await app().ended("shared", "queue", 60);
      const [single = 0] = startsOf("shared", "single");
      expect(startsOf("shared", "queue").filter((at) => at > single).length).toBeGreaterThan(40);
    });

    test.concurrent("nor does the run of one owner that has many steps side by side", async () => {
      await app().send("fairness/wide", "long", { owner: "d", steps: 60 });
      await waitFor("parts of the long run", async () => {
        const begun = app().runsOf("wide", "long")[0]?.exchanges.length ?? 0;
        return begun > 2 ? begun : null;
      });
      await app().send("fairness/wide", "short", { owner: "e", steps: 1 });
      const { exchanges } = await app().endedOne("wide", "short");
      const long = await app().endedOne("wide", "long");
      const shortEnd = exchanges.at(-1)?.startedAt ?? 0;
      expect(long.exchanges.filter(({ startedAt }) => startedAt > shortEnd).length).toBeGreaterThan(40);
    });
  },
});
