import { expect, test } from "vitest";
import type { Functions, TestApp } from "./inngest-app.ts";
import { describeOnSubjects } from "./inngest-suite.ts";
import { waitFor } from "./inngest-wait.ts";

const hanging = new Set<unknown>();
let turns = 0;

function createFunctions(client: TestApp["client"]): Functions {
  return [
    client.createFunction({ id: "count", triggers: [{ event: "operate/count" }] }, async ({ step }) => {
      return await step.run("turn", () => {
        turns += 1;
        return turns;
      });
    }),
    client.createFunction(
      { id: "hang", retries: 2, triggers: [{ event: "operate/hang" }] },
      async ({ event, step }) => {
        await step.run("before", () => "kept");
        await step.run("hang", () => {
          if (hanging.has(event.data.tag)) return "second try";
          hanging.add(event.data.tag);
          return new Promise(() => {});
        });
        return "done";
      },
    ),
  ];
}

describeOnSubjects({
  id: "operate",
  functions: createFunctions,
  tests: (app) => {
    test("a run that is run again takes nothing over", async () => {
      const eventId = await app().send("operate/count", "o1", {}, { id: `count-${crypto.randomUUID()}` });
      const first = await app().endedOne("count", "o1");
      const { status, body } = await app().api(`/api/v2/runs/${first.runId}/rerun`, { method: "POST" });
      expect(status).toBe(200);
      const { runId } = body.data as { runId: string };
      const runs = await app().ended("count", "o1", 2);
      expect(runs.map((run) => run.runId)).toEqual([first.runId, runId]);
      expect(runs.map((run) => app().record.outcome(run.runId))).toEqual([{ data: 1 }, { data: 2 }]);
      const [before, after] = runs.map(({ exchanges }) => exchanges.at(-1)?.request.event);
      expect(after).toEqual(before);

      const shown = await app().api(`/api/v2/runs/${runId}?includeOutput=true`);
      expect(shown.body.data).toMatchObject({
        id: runId,
        status: "COMPLETED",
        trigger: { eventName: "operate/count" },
      });
      const listed = await app().api("/api/v2/runs?limit=50");
      expect((listed.body.data as { id: string }[]).map(({ id }) => id)).toContain(runId);
      const ofEvent = await app().api(`/api/v2/events/${eventId}/runs`);
      expect((ofEvent.body.data as { id: string }[]).map(({ id }) => id)).toContain(first.runId);
      const old = await app().api(`/v1/events/${eventId}/runs`);
      expect((old.body.data as { run_id: string }[]).map(({ run_id: id }) => id)).toContain(first.runId);
      const trace = await app().api(`/api/v2/runs/${runId}/trace`);
      expect(JSON.stringify(trace.body.data)).toContain('"turn"');
    });

    test("a hang-up of the app counts as an attempt, and finished steps stay finished", async () => {
      await app().send("operate/hang", "o2");
      await waitFor("the step", () => hanging.has("o2"));
      app().hangUp();
      const seen = await waitFor("the second attempt", () => {
        const [run] = app().runsOf("hang", "o2");
        return run && app().record.outcome(run.runId) ? run : null;
      });
      await app().endedOne("hang", "o2");
      expect(app().record.tell(seen.runId)).toEqual([
        "checkpoint before",
        "step#1 (before) -> 206 StepRun hang",
        "step#0 (before hang) -> 206 RunComplete",
      ]);
    });

    test("what is unknown is refused", async () => {
      const unknown = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
      for (const path of [`/api/v2/runs/${unknown}`, `/v0/runs/${unknown}/actions`]) {
        expect((await app().api(path)).status, path).toBeGreaterThanOrEqual(400);
      }
      const body = JSON.stringify({ run_id: unknown, qi_id: "x", fn_id: crypto.randomUUID(), steps: [] });
      const answer = await app().api(`/v1/checkpoint/${unknown}/async`, { method: "POST", body });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    });
  },
});
