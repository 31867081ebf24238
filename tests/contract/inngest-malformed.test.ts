import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";

let engine: EmbeddedEngine;
beforeAll(async () => {
  engine = await startEmbeddedEngine();
});
afterAll(() => engine.stop());

const ulid = "01JDZZZZZZZZZZZZZZZZZZZZZZ";
const places: [method: string, path: string][] = [
  ["POST", "/e/test"],
  ["POST", "/e/"],
  ["POST", "/fn/register"],
  ["POST", `/v1/checkpoint/${ulid}/async`],
  ["POST", "/v1/checkpoint/%00/async"],
  ["GET", `/v0/runs/${ulid}/actions`],
  ["GET", `/v0/runs/${ulid}/batch`],
  ["GET", `/v1/events/${ulid}`],
  ["GET", `/v1/events/${ulid}/runs`],
  ["GET", `/v1/runs/${ulid}`],
  ["DELETE", `/v1/runs/${ulid}`],
  ["GET", "/api/v2/runs/no%20such"],
  ["GET", `/api/v2/runs/${ulid}/trace`],
  ["POST", `/api/v2/runs/${ulid}/rerun`],
  ["POST", `/api/v2/runs/${ulid}/cancel`],
  ["POST", "/invoke/no-such-function"],
  ["POST", "/v1/realtime/publish"],
  ["POST", "/v1/realtime/token"],
  ["PATCH", "/e/test"],
  ["GET", "/%ff%fe"],
  ["GET", "/../../etc/passwd"],
];

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const bodies: [name: string, body: string | Buffer][] = [
  ["nothing", ""],
  ["half an object", "{"],
  ["null", "null"],
  ["a number", "12"],
  ["a string", '"hello"'],
  ["an empty array", "[]"],
  ["an array of wrong things", '[null, 1, "x", [], {}]'],
  [
    "an object of wrong types",
    '{"name": 7, "data": "x", "ts": "soon", "id": {}, "url": 1, "functions": "none", "steps": {}}',
  ],
  ["functions that are none", '{"appName": "x", "url": "not a url", "functions": [{"id": 1}, null]}'],
  ["steps that are none", '{"run_id": 1, "fn_id": [], "steps": [{"op": "Nothing"}, 3]}'],
  ["a name that is too long", JSON.stringify({ name: "x".repeat(100_000), data: {} })],
  ["10,000 wrong events", JSON.stringify(Array.from({ length: 10_000 }, () => ({ nam: "x" })))],
  ["5,000 levels", deep(5000)],
  ["prototype keys", '{"__proto__": {"name": "x"}, "constructor": 1, "name": "__proto__", "data": []}'],
  ["a lone surrogate and a NUL", '{"name": "a\\u0000\\ud800", "data": [1]}'],
  ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28])],
];

test.each(places)("%s %s answers every malformed body with a 4xx, and the engine lives", async (method, path) => {
  for (const [name, body] of bodies) {
    const hasBody = method !== "GET";
    const response = await fetch(new URL(path, engine.url), {
      method,
      headers: { "content-type": "application/json" },
      ...(hasBody && { body: typeof body === "string" ? body : new Uint8Array(body) }),
    });
    const text = await response.text();
    // The real server takes no events and names of any length; 501 is what this engine says of what it does not do.
    const isTaken =
      path.startsWith("/e/") && response.status === 200 && ["an empty array", "a name that is too long"].includes(name);
    const isRefused = (response.status >= 400 && response.status < 500) || response.status === 501;
    expect(isTaken || isRefused, `${name}: ${response.status} ${text.slice(0, 300)}`).toBe(true);
    if (!hasBody) break;
  }
  expect((await fetch(new URL("/health", engine.url))).status).toBe(200);
});

test("a body past every limit is refused and not kept in memory", async () => {
  const response = await fetch(new URL("/e/test", engine.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"name": "x", "data": {"text": "${"a".repeat(64 * 1024 * 1024)}"}}`,
  }).catch(() => null);
  // A server may also hang up on a body that it will not read.
  if (response) expect(response.status).toBeLessThan(500);
  expect((await fetch(new URL("/health", engine.url))).status).toBe(200);
});
