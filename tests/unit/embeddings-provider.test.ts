import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEmbedder, type Embedder } from "#lib/embeddings/create-embedder.ts";
import { Failure } from "#lib/errors.ts";

// Providers that answer as no stand-in of OpenAI should: the answer of each test is what the server does.
let answer: (response: ServerResponse) => void;
let requests: { path: string; authorization: string | undefined; body: Record<string, unknown> }[] = [];
let embedder: Embedder;

const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  requests.push({
    path: request.url ?? "",
    authorization: request.headers.authorization,
    body: JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>,
  });
  answer(response);
});

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  embedder = createEmbedder({ apiKey: "sk-test", baseUrl, model: "some-model", dimensions: 2, timeoutMs: 300 });
});
beforeEach(() => {
  requests = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

function vectors(...embeddings: unknown[]) {
  return json(200, { data: embeddings.map((embedding, index) => ({ index, embedding })), usage: { total_tokens: 9 } });
}

function base64(...numbers: number[]): string {
  return Buffer.from(Float32Array.from(numbers).buffer).toString("base64");
}

async function failure(texts = ["text"]): Promise<Failure> {
  const began = performance.now();
  const thrown = await embedder.embedDocuments(texts).then(
    ({ stopped }) => stopped?.failure,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Failure)) throw new Error(`Not a failure: ${String(thrown)}`);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(requests).toHaveLength(1);
  return thrown;
}

describe("a request", () => {
  test("carries the key, the texts as they are, the dimensions, and asks for base64", async () => {
    answer = vectors(base64(3, 4), base64(1, 0));
    const { vectors: found, usage } = await embedder.embedDocuments(["two\nlines", "one"]);
    expect(requests).toEqual([
      {
        path: "/v1/embeddings",
        authorization: "Bearer sk-test",
        body: { model: "some-model", input: ["two\nlines", "one"], dimensions: 2, encoding_format: "base64" },
      },
    ]);
    expect(found).toEqual([Float32Array.of(0.6, 0.8), Float32Array.of(1, 0)]);
    expect(usage).toEqual({ tokens: 9, requests: 1 });
  });

  test("may be answered with numbers by a server that knows no base64", async () => {
    answer = vectors([3, 4]);
    expect(await embedder.embedQuery("text")).toEqual(Float32Array.of(0.6, 0.8));
  });
});

describe("a refusal is told by its code, at once and without a second request", () => {
  const timedOut = { error: { message: "Request timed out while waiting for quota.", type: "requests" } };
  test.each([
    ["a wait as a date", 429, {}, { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() }, "rate_limited"],
    ["a long wait", 429, timedOut, { "retry-after": "3600" }, "rate_limited"],
  ])("%s", async (_name, status, body, headers, code) => {
    answer = json(status, body, headers);
    const found = await failure();
    expect(found.code).toBe(`embedding_${code}`);
    expect(found.retryAfterMs).toBeGreaterThan(3_590_000);
    expect(found.retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  test.each([
    ["a limit without a time", 429, {}, "rate_limited"],
    ["a text about a timeout", 401, { error: { message: "The operation timed out." } }, "unauthorized"],
    ["a limit inside a 200", 200, { error: { message: "Slow down.", code: 429 } }, "rate_limited"],
    ["no quota inside a 200", 200, { error: { message: "Pay.", type: "insufficient_quota" } }, "quota_exceeded"],
    ["payment required", 402, { error: { message: "Pay." } }, "quota_exceeded"],
    ["billing not active", 429, { error: { message: "Pay.", code: "billing_not_active" } }, "quota_exceeded"],
    ["forbidden", 403, {}, "unauthorized"],
    ["an unknown model", 404, { error: "model not found" }, "input_rejected"],
    ["an input that is too long", 400, { error: { message: "maximum context length is 8192" } }, "input_rejected"],
    ["a request timeout", 408, {}, "unavailable"],
    ["an error as a bare sentence", 200, { error: "overloaded" }, "unavailable"],
    ["a gateway's page", 502, "<html>", "unavailable"],
  ])("%s", async (_name, status, body, code) => {
    answer = json(status, body);
    const found = await failure();
    expect([found.code, found.retryAfterMs]).toEqual([`embedding_${code}`, undefined]);
  });
});

describe("an answer that cannot be right is refused", () => {
  const sameNumber = json(200, { data: [0, 0].map((index) => ({ index, embedding: [1, 0] })) });
  test.each([
    ["no vector", vectors(), "response_invalid"],
    ["one vector too many", vectors([1, 0], [1, 0], [1, 0]), "response_invalid"],
    ["two vectors of one number", sameNumber, "response_invalid"],
    ["a hole in a vector", vectors([1, 0], [1, null]), "response_invalid"],
    ["not a number", vectors(base64(1, 0), base64(1, Number.NaN)), "response_invalid"],
    ["an infinite number", vectors(base64(1, 0), base64(1, Number.POSITIVE_INFINITY)), "response_invalid"],
    ["no direction", vectors(base64(1, 0), base64(0, 0)), "response_invalid"],
    ["bytes that are no numbers", vectors(base64(1, 0), "AAAA"), "response_invalid"],
    ["no JSON", (response: ServerResponse) => response.end("{"), "response_invalid"],
    ["a shorter vector", vectors(base64(1, 0), base64(1)), "dimension_mismatch"],
    ["a longer vector", vectors(base64(1, 0), base64(1, 2, 3)), "dimension_mismatch"],
  ])("%s", async (_name, given, code) => {
    answer = given;
    expect((await failure(["one", "two"])).code).toBe(`embedding_${code}`);
  });
});

describe("a provider that does not answer is unavailable", () => {
  test.each([
    ["it says nothing", () => {}],
    ["it stops in the middle", (response: ServerResponse) => response.writeHead(200).write('{"data":[')],
    ["it hangs up", (response: ServerResponse) => response.destroy()],
    [
      "it hangs up in the middle",
      (response: ServerResponse) => response.writeHead(200).write("{", () => response.destroy()),
    ],
  ])("%s", async (_name, given) => {
    answer = given;
    expect((await failure()).code).toBe("embedding_unavailable");
  });
});
