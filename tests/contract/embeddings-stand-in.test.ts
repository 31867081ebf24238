import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { createEmbedder } from "#lib/embeddings/create-embedder.ts";
import { startEmbeddingsServer } from "#tests/embedded/embeddings.ts";

// What only the stand-in has: its process, its ledger and its faults.
type Server = Awaited<ReturnType<typeof startEmbeddingsServer>>;
const running = new Set<Server>();
afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
});

async function start(options: Parameters<typeof startEmbeddingsServer>[0] = {}): Promise<Server> {
  const server = await startEmbeddingsServer(options);
  running.add(server);
  return server;
}

function embedderOf({ url }: Server) {
  return createEmbedder({ apiKey: "sk-test", baseUrl: url, model: "text-embedding-3-small", dimensions: 512 });
}

async function post({ url }: Server, body: object) {
  return await fetch(`${url}/embeddings`, {
    method: "POST",
    body: JSON.stringify({ model: "text-embedding-3-small", ...body }),
  });
}

describe("the process", () => {
  test("ends with 0 on SIGTERM, also while a request waits", async () => {
    const server = await start({ latencyMs: 60_000 });
    const waiting = post(server, { input: "text" }).then(
      () => "answered",
      () => "cut off",
    );
    await wait(100);
    running.delete(server);
    expect(await server.stop()).toBe(0);
    expect(await waiting).toBe("cut off");
  });

  test("refuses to start on a port that is taken, in one line", async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(start({ port })).rejects.toThrow(new Error(`exit 1: port ${port} (EMBEDDINGS_PORT) is taken\n`));
  });

  test("refuses a setting that is no number, and names it", async () => {
    await expect(start({ latencyMs: Number.NaN })).rejects.toThrow(/^exit 1: EMBEDDINGS_LATENCY_MS must be a number/);
  });

  test("has neither controls nor a ledger unless they are asked for", async () => {
    const server = await start({ control: false });
    await expect(server.control([])).rejects.toThrow("Invalid URL");
    expect((await fetch(new URL("/stats", server.url))).status).toBe(404);
    expect((await fetch(new URL("/health", server.url))).status).toBe(200);
  });
});

test("the same text has the same vector in any process, at any place in a request", async () => {
  const [one, two] = await Promise.all([start(), start()]);
  const texts = ["The rain gauge", "会議室の予約", "", "!!!", "ein Fuß"].filter(Boolean);
  const here = await embedderOf(one).embedDocuments(texts);
  const there = await embedderOf(two).embedDocuments(texts.toReversed());
  expect(there.vectors.toReversed()).toEqual(here.vectors);
});

test("every answer carries the headers that OpenAI sends", async () => {
  const server = await start();
  const answers = [await post(server, { input: "one two" }), await post(server, { input: "" })];
  for (const { headers } of answers) {
    expect(headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
    expect(Number(headers.get("openai-processing-ms"))).toBeGreaterThanOrEqual(0);
    expect(headers.get("x-ratelimit-limit-requests")).toBe("10000");
    expect(headers.get("x-ratelimit-reset-requests")).toBe("6ms");
  }
  expect(answers[0]?.headers.get("x-ratelimit-remaining-tokens")).toBe("9999998");
});

test("names that every object has are no models, and numbers that are no tokens are refused", async () => {
  const server = await start();
  expect((await post(server, { input: "text", model: "constructor" })).status).toBe(404);
  expect((await post(server, { input: "text", model: "text-embedding-ada-002", dimensions: 8 })).status).toBe(400);
  expect((await post(server, { input: [[15339, 999_999]] })).status).toBe(400);
  expect((await post(server, { input: [15339, -1] })).status).toBe(400);
});

test("a long input counts as the tokenizer counts it in one piece", async () => {
  const server = await start();
  const answer = await post(server, { input: "a cat sat. ".repeat(1000), dimensions: 8 });
  expect(await answer.json()).toMatchObject({ usage: { prompt_tokens: 4001, total_tokens: 4001 } });
});

describe("the ledger", () => {
  test("tells how often each text was paid for, and what was refused", async () => {
    const server = await start();
    const embedder = embedderOf(server);
    await embedder.embedDocuments(["hello world", "twice"]);
    await server.control([{ times: 1, status: 500 }]);
    await expect(embedder.embedDocuments(["never"])).rejects.toThrow("embedding_unavailable");
    await embedder.embedDocuments(["twice"]);
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    expect(await server.stats()).toEqual({
      requests: 3,
      refused: 1,
      tokens: 2 + 2 * 2,
      inputs: 3,
      inputsInFlight: 0,
      distinctInputs: 2,
      timesSent: { [hash("hello world")]: 1, [hash("twice")]: 2 },
    });
  });

  test("faults meet the requests that they name, as often as they say, in order", async () => {
    const server = await start();
    const embedder = embedderOf(server);
    await server.control([
      { match: "poison", status: 400 },
      { times: 2, status: 503 },
      { times: 1, delayMs: 200 },
    ]);
    const codes: string[] = [];
    for (const text of ["a", "some poison", "b", "c"]) {
      const began = performance.now();
      const code = await embedder.embedQuery(text).then(
        () => (performance.now() - began >= 190 ? "late" : "at once"),
        (failure: { code: string }) => failure.code,
      );
      codes.push(code);
    }
    expect(codes).toEqual(["embedding_unavailable", "embedding_input_rejected", "embedding_unavailable", "late"]);
  });
});
