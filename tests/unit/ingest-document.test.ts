import { createHash, randomUUID } from "node:crypto";
import { serve } from "inngest/edge";
import { beforeAll, expect, test } from "vitest";
import type { Deps } from "#lib/deps.ts";
import type { Env } from "#lib/env.ts";

const env = { OWNER_CONCURRENCY: 16, EMBEDDING_CONCURRENCY: 32 } as Env;

let makeHandler: (given: Env) => (request: Request) => Promise<Response>;
beforeAll(async () => {
  process.env.INNGEST_DEV = "http://127.0.0.1:9";
  const [{ inngest }, { createIngestDocument }] = await Promise.all([
    import("#inngest/client.ts"),
    import("#inngest/functions/ingest-document.ts"),
  ]);
  makeHandler = (given) => {
    const deps = { env: given, supabase: {}, embedder: {} } as unknown as Deps;
    return serve({ client: inngest, functions: [createIngestDocument(deps)] });
  };
});

/** What a run whose steps have answered so far does next. */
async function findNext(answers: Record<string, unknown>, given: Partial<Env> = {}): Promise<string[]> {
  const ids = Object.keys(answers).map((id) => createHash("sha1").update(id).digest("hex"));
  const steps = Object.fromEntries(
    Object.values(answers).map((data, index) => [ids[index], data === null ? null : { data }]),
  );
  const data = { documentId: randomUUID(), ownerId: randomUUID(), jobId: randomUUID() };
  const event = { name: "document.uploaded", id: "event", ts: 1, user: {}, data };
  const stack = { stack: ids, current: ids.length };
  const ctx = { run_id: "run", attempt: 0, max_attempts: 5, disable_immediate_execution: true, stack, env: "" };
  const url = "http://localhost/api/inngest?fnId=knowledgebase-ingest-document&stepId=step";
  const response = await makeHandler({ ...env, ...given })(
    new Request(url, {
      method: "POST",
      headers: { host: "localhost", "content-type": "application/json" },
      body: JSON.stringify({ event, events: [event], steps, ctx, version: 2, use_api: false }),
    }),
  );
  const ops = (await response.json()) as { op: string; displayName: string; name: string }[];
  return ops.map(({ op, displayName, name }) => (op === "Sleep" ? `${displayName}: ${name}` : displayName));
}

const cut = (batches: number[], more = {}) => ({
  download: { jobId: "job", number: 1, attempt: 1 },
  parse: { chunks: 8000, batches, attachments: 0, isPublished: false, leavesWork: true, ...more },
});
const far = { waitSeconds: 100, turnSeconds: 85 };

test("a run whose turn at the provider is far away sleeps, and asks again for all that is left in one lane", async () => {
  const answers = {
    ...cut(Array.from({ length: 64 }, (_, index) => index)),
    "embed-0": { left: [1, 2], far, refusals: 0 },
    "embed-1": { left: [40], far: { ...far, waitSeconds: 99 }, refusals: 0 },
  };
  expect(await findNext(answers)).toEqual(["rest-0"]);
  const rested = { ...answers, "rest-0": { seconds: 185 } };
  expect(await findNext(rested)).toEqual(["until-turn-0: 3m5s"]);
  const awake = { ...rested, "until-turn-0": null };
  expect(await findNext(awake)).toEqual(["embed-0-1"]);
  expect(await findNext({ ...awake, "embed-0-1": { left: [], far: null, refusals: 0 } })).toEqual(["publish"]);
});

test("a run does not sleep while one of its lanes goes forward", async () => {
  const answers = {
    ...cut(Array.from({ length: 64 }, (_, index) => index)),
    "embed-0": { left: [1, 2], far, refusals: 0 },
    "embed-1": { left: [40], far: null, refusals: 0 },
  };
  expect(await findNext(answers)).toEqual(["embed-0-1", "embed-1-1"]);
});

test("a run shares its batches out as it began, though its owner may have fewer places now", async () => {
  const answers = (more: object) => ({
    ...cut(
      Array.from({ length: 64 }, (_, index) => index),
      more,
    ),
    "embed-0": { left: [], far: null, refusals: 0 },
  });
  expect(await findNext(answers({ lanes: 15 }), { OWNER_CONCURRENCY: 2 })).toEqual(["embed-1"]);
  expect(await findNext(answers({}), { OWNER_CONCURRENCY: 16 }), "one that was cut before").toEqual(["embed-1"]);
});

test("a run of before, whose steps told nothing of turns, goes on", async () => {
  const answers = { ...cut([0, 1]), "embed-0": { left: [1] } };
  expect(await findNext(answers)).toEqual(["embed-0-1"]);
  expect(await findNext({ ...answers, "embed-0-1": { left: [] } })).toEqual(["publish"]);
});
