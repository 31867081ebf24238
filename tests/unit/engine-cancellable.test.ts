import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createEngine } from "#inngest/embedded/create-engine.ts";
import type { Engine } from "#inngest/embedded/engine.ts";
import { findMustEqual } from "#inngest/embedded/expressions/find-must-equal.ts";
import { emitEvent } from "#inngest/embedded/intake/emit-event.ts";
import { openStore } from "#inngest/embedded/store/open-store.ts";
import { registerApp } from "#inngest/embedded/sync/register-app.ts";

const folder = mkdtempSync(join(tmpdir(), "knowledgebase-cancellable-"));
const store = openStore(folder);
const settings = {} as Engine["settings"];
const engine = createEngine({ settings, store, log: () => undefined });

afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function register(...conditions: string[]): void {
  const cancel = conditions.map((condition) => ({ event: "stop", if: condition }));
  const steps = { step: { id: "step", name: "step", runtime: { type: "http", url: "http://127.0.0.1/" } } };
  const config = { id: "held", name: "held", triggers: [{ event: "start" }], steps, cancel };
  registerApp(engine, { app: "app", functions: [config as never] });
}

function send(name: string, data: Record<string, unknown>): void {
  engine.transact(() => emitEvent(engine, { name, data }));
}

function active(): unknown[] {
  return store
    .all<{ body: string }>(
      `select body from runs join run_events r on r.run_id = runs.id join events using (internal_id)
       where ended_at is null order by runs.id`,
    )
    .map(({ body }) => JSON.parse(body).data.key);
}

function indexes(): string[] {
  return store
    .all<{ name: string }>("select name from sqlite_schema where name like 'events_by_part_%'")
    .map(({ name }) => name);
}

test.each([
  ["async.data.key == event.data.key", "data.key", "data.key"],
  ["event.data.key == async.data.of.key", "data.key", "data.of.key"],
  ["async.data.n > 5 && event.data['key'] == async.data.key", "data.key", "data.key"],
])("%s needs what is equal", (text, ofTrigger, ofIncoming) => {
  expect(findMustEqual(text)).toEqual({ ofTrigger: ofTrigger.split("."), ofIncoming: ofIncoming.split(".") });
});

test.each([
  undefined,
  "",
  "async.data.key == 'a'",
  "async.data.key != event.data.key",
  "async.data.key == event.data.key || async.data.all",
  "!(async.data.key == event.data.key)",
  "event.data.a == event.data.b",
  "async.data.key == lowercase(event.data.key)",
  "async.data.key == event.data['a\"b']",
  "async == event",
])("%s holds without what is equal", (text) => {
  expect(findMustEqual(text)).toBeNull();
});

const keys = [
  "a",
  "b",
  "A",
  "it's",
  '"',
  "é",
  "👍",
  "a\u0000b",
  "a\u0000c",
  "\ud800",
  "\udfff",
  "",
  1,
  "1",
  true,
  null,
];

test("every key cancels its own run and no other", () => {
  register("async.data.key == event.data.key");
  for (const key of keys) {
    for (const each of keys) send("start", { key: each });
    send("stop", { key });
    expect(active()).toEqual(keys.filter((each) => each !== key));
    for (const each of keys) send("stop", { key: each });
    expect(active()).toEqual([]);
  }
});

test("an event without the key cancels what has none, and an owner's condition is asked as well", () => {
  register("async.data.key == event.data.key", "async.data.owner == event.data.owner && async.data.all");
  send("start", { owner: "x" });
  send("start", { owner: "x", key: "a" });
  send("start", { owner: "y", key: "b" });
  send("stop", { owner: "x", key: "c" });
  expect(active()).toEqual([undefined, "a", "b"]);
  send("stop", { owner: "x", key: "c", all: true });
  expect(active()).toEqual(["b"]);
  send("start", {});
  send("stop", { owner: "z" });
  expect(active()).toEqual(["b"]);
  send("stop", { key: "b" });
  expect(active()).toEqual([]);
});

test("what no function asks for has no index", () => {
  register("async.data.key == event.data.key", "async.data.owner == event.data.owner");
  expect(indexes().sort()).toEqual(["events_by_part_data.key", "events_by_part_data.owner"]);
  register("async.data.owner == event.data.owner");
  expect(indexes()).toEqual(["events_by_part_data.owner"]);
  register();
  expect(indexes()).toEqual([]);
});
