import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";
import { waitFor } from "./inngest-wait.ts";

/** How many pieces of work of each name are under way, and the most that ever were. */
const underWay = new Map<string, number>();
const most = new Map<string, number>();

async function work(name: string, ms: number): Promise<void> {
  underWay.set(name, (underWay.get(name) ?? 0) + 1);
  most.set(name, Math.max(most.get(name) ?? 0, underWay.get(name) ?? 0));
  await new Promise((resolve) => setTimeout(resolve, ms));
  underWay.set(name, (underWay.get(name) ?? 1) - 1);
}

function createFunctions(client: TestApp["client"]): Functions {
  const worker = async (name: string) => {
    await work(name, 120);
    return name;
  };
  return [
    client.createFunction(
      { id: "keyed", triggers: [{ event: "flow/keyed" }], concurrency: { limit: 1, key: "event.data.owner" } },
      ({ event }) => worker(`${event.data.tag}-${event.data.owner}`),
    ),
    client.createFunction(
      {
        id: "two-level",
        triggers: [{ event: "flow/two-level" }],
        concurrency: [{ limit: 3 }, { limit: 1, key: "event.data.owner" }],
      },
      async ({ event }) => {
        await Promise.all([work(String(event.data.tag), 120), work(`${event.data.tag}-${event.data.owner}`, 120)]);
      },
    ),
    ...["left", "right"].map((side) =>
      client.createFunction(
        {
          id: `shared-${side}`,
          triggers: [{ event: "flow/shared" }],
          concurrency: { limit: 1, key: '"flow-shared"', scope: "account" },
        },
        ({ event }) => worker(`shared-${event.data.tag}`),
      ),
    ),
    client.createFunction(
      { id: "once", triggers: [{ event: "flow/once" }], idempotency: "event.data.tag + '-' + event.data.order" },
      ({ event }) => event.data.order as string,
    ),
    client.createFunction({ id: "dedupe-a", triggers: [{ event: "flow/dedupe" }] }, () => "a"),
    client.createFunction({ id: "dedupe-b", triggers: [{ event: "flow/dedupe" }] }, () => "b"),
    client.createFunction(
      { id: "paced", triggers: [{ event: "flow/paced" }], throttle: { limit: 2, period: "2s", key: "event.data.tag" } },
      () => "paced",
    ),
    client.createFunction(
      {
        id: "burst",
        triggers: [{ event: "flow/burst" }],
        throttle: { limit: 1, period: "1s", burst: 3, key: "event.data.tag" },
      },
      () => "burst",
    ),
    client.createFunction(
      {
        id: "limited",
        triggers: [{ event: "flow/limited" }],
        rateLimit: { limit: 2, period: "10s", key: "event.data.tag" },
      },
      () => "limited",
    ),
    client.createFunction(
      { id: "quiet", triggers: [{ event: "flow/quiet" }], debounce: { period: "1s", key: "event.data.tag" } },
      ({ event }) => event.data.n as number,
    ),
    client.createFunction(
      {
        id: "batch",
        triggers: [{ event: "flow/batch" }],
        batchEvents: { maxSize: 3, timeout: "2s", key: "event.data.tag" },
      },
      ({ events }) => events.map(({ data }) => data.n as number).sort(),
    ),
    client.createFunction(
      {
        id: "single",
        triggers: [{ event: "flow/single" }],
        singleton: { key: "event.data.tag", mode: "skip" },
      },
      async ({ event, step }) => {
        await step.sleep("hold", "1s");
        return event.data.n as number;
      },
    ),
    client.createFunction(
      {
        id: "latest",
        triggers: [{ event: "flow/latest" }],
        singleton: { key: "event.data.tag", mode: "cancel" },
      },
      async ({ event, step }) => {
        await step.sleep("hold", "1s");
        return event.data.n as number;
      },
    ),
    client.createFunction(
      {
        id: "ranked",
        triggers: [{ event: "flow/ranked" }],
        concurrency: { limit: 1, key: "event.data.tag" },
        priority: { run: "event.data.first ? 600 : 0" },
      },
      async ({ event }) => {
        await work(String(event.data.tag), event.data.n === 0 ? 600 : 20);
        return event.data.n as number;
      },
    ),
  ];
}

describeOnSubjects({
  id: "flow",
  functions: createFunctions,
  tests: (app) => {
    const starts = (fn: string, tag: string) =>
      app()
        .runsOf(fn, tag)
        .map(({ exchanges }) => exchanges[0]?.startedAt ?? 0)
        .sort((a, b) => a - b);
    const results = (runs: { runId: string }[]) =>
      runs.map(({ runId }) => (app().record.outcome(runId) as { data: unknown } | null)?.data);

    test.concurrent("a concurrency key lets one owner's work wait and another's go on", async () => {
      for (const owner of ["a", "b"]) for (const n of [1, 2, 3]) await app().send("flow/keyed", "k1", { owner, n });
      await app().ended("keyed", "k1", 6);
      expect([most.get("k1-a"), most.get("k1-b")]).toEqual([1, 1]);
    });

    test.concurrent("two limits hold at once", async () => {
      for (let n = 0; n < 12; n += 1) await app().send("flow/two-level", "k2", { owner: `o${n % 6}`, n });
      await app().ended("two-level", "k2", 12);
      expect(most.get("k2")).toBeLessThanOrEqual(3);
      expect(most.get("k2")).toBeGreaterThan(1);
      for (let owner = 0; owner < 6; owner += 1) expect(most.get(`k2-o${owner}`)).toBe(1);
    });

    test.concurrent("a limit of the account holds over functions", async () => {
      for (const n of [1, 2]) await app().send("flow/shared", "k3", { n });
      await app().ended("shared-left", "k3", 2);
      await app().ended("shared-right", "k3", 2);
      expect(most.get("shared-k3")).toBe(1);
    });

    test.concurrent("an idempotency key starts one run, whatever the event's id", async () => {
      for (const order of ["1", "1", "2"]) await app().send("flow/once", "k4", { order });
      const runs = await app().ended("once", "k4", 2);
      expect(results(runs).sort()).toEqual(["1", "2"]);
    });

    test.concurrent("an event id starts each function once", async () => {
      const id = `dedupe-${crypto.randomUUID()}`;
      const first = await app().send("flow/dedupe", "k5", {}, { id });
      const second = await app().send("flow/dedupe", "k5", {}, { id });
      expect(second).not.toBe(first);
      await app().send("flow/dedupe", "k5-after");
      for (const fn of ["dedupe-a", "dedupe-b"]) {
        await app().ended(fn, "k5-after");
        const runs = await app().ended(fn, "k5");
        expect(runs).toHaveLength(1);
        expect(runs[0]?.exchanges[0]?.request.event.id).toBe(id);
      }
    });

    test.concurrent("a throttle spreads the starts and drops none", async () => {
      for (let n = 0; n < 4; n += 1) await app().send("flow/paced", "k6", { n });
      await app().ended("paced", "k6", 4);
      const [one = 0, , three = 0, four = 0] = starts("paced", "k6");
      expect(three - one).toBeGreaterThanOrEqual(700);
      expect(four - one).toBeGreaterThanOrEqual(1700);
    });

    test.concurrent("a throttle's burst lets more start at once", async () => {
      for (let n = 0; n < 5; n += 1) await app().send("flow/burst", "k7", { n });
      await app().ended("burst", "k7", 5);
      const [one = 0, , , four = 0, five = 0] = starts("burst", "k7");
      expect(four - one).toBeLessThan(five - one);
      expect(five - one).toBeGreaterThanOrEqual(500);
    });

    test.concurrent("a rate limit drops what comes too fast", async () => {
      const events = [1, 2, 3, 4, 5].map((n) => ({ name: "flow/limited", data: { tag: "k8", n } }));
      await app().client.send(events);
      await app().ended("limited", "k8");
      await app().send("flow/quiet", "k8-after", { n: 0 });
      await app().ended("quiet", "k8-after");
      expect(app().runsOf("limited", "k8")).toHaveLength(1);
    });

    test.concurrent("a debounce runs the last event once it is quiet", async () => {
      for (const n of [1, 2, 3]) await app().send("flow/quiet", "k9", { n });
      const runs = await app().ended("quiet", "k9");
      expect(results(runs)).toEqual([3]);
    });

    test.concurrent("a batch runs when it is full, or old enough", async () => {
      for (const n of [1, 2, 3, 4]) await app().send("flow/batch", "k10", { n });
      const runs = await app().ended("batch", "k10", 2);
      const sizes = runs.map(({ exchanges }) => exchanges[0]?.request.events.length);
      expect(sizes).toEqual([3, 1]);
      expect(results(runs).flat().sort()).toEqual([1, 2, 3, 4]);
      const [first] = runs;
      expect(first?.exchanges[0]?.request.event).toEqual(first?.exchanges[0]?.request.events[0]);
    });

    test.concurrent("a singleton skips what comes while it runs", async () => {
      await app().send("flow/single", "k11", { n: 1 });
      await waitFor("the run", () => app().runsOf("single", "k11").length === 1);
      await app().send("flow/single", "k11", { n: 2 });
      const runs = await app().ended("single", "k11");
      expect(results(runs)).toEqual([1]);
    });

    test.concurrent("a singleton that cancels gives way to the latest", async () => {
      await app().send("flow/latest", "k12", { n: 1 });
      await waitFor("the run", () => app().runsOf("latest", "k12").length === 1);
      await app().send("flow/latest", "k12", { n: 2 });
      const runs = await app().ended("latest", "k12", 2);
      expect(results(runs)).toEqual([undefined, 2]);
    });

    test.concurrent("a priority goes before what waits", async () => {
      await app().send("flow/ranked", "k13", { n: 0 });
      await waitFor("the run", () => underWay.get("k13") === 1);
      await app().send("flow/ranked", "k13", { n: 1 });
      await app().send("flow/ranked", "k13", { n: 2, first: true });
      await app().ended("ranked", "k13", 3);
      const order = app()
        .runsOf("ranked", "k13")
        .map(({ exchanges }) => exchanges[0]?.request.event.data.n);
      // Requests are recorded when they end, so the order of the records is that of the work.
      expect(order).toEqual([0, 2, 1]);
    });
  },
});
