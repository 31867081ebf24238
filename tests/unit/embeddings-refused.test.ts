import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEmbedder } from "#lib/embeddings/create-embedder.ts";
import { Failure } from "#lib/errors.ts";
import { startProvider } from "./start-provider.ts";

// Refuses what a test tells it to, and else answers with the length of each text.
let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => {
  provider.asked = [];
  provider.length = 2;
  provider.answer = () => undefined;
});
afterAll(() => provider.stop());

const embedderOf = (dimensions = 2) =>
  createEmbedder({ apiKey: "k", baseUrl: provider.url, model: "some-model", dimensions });
const texts = Array.from({ length: 256 }, (_, index) => `text ${index}`);
const tooOdd = { status: 400, body: { error: { message: "Something here is too odd.", param: null } } };

async function thrownBy(run: Promise<unknown>): Promise<Failure> {
  const thrown = await run.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Failure)) throw new Error(`Not a failure: ${String(thrown)}`);
  return thrown;
}

describe("a text that the provider refuses", () => {
  test.each([0, 1, 100, 255])("is found by halves, and what stands before it is kept: text %i", async (bad) => {
    provider.answer = ({ input }) => (input.includes(`text ${bad}`) ? tooOdd : undefined);
    const { vectors, stopped, usage } = await embedderOf().embedDocuments(texts);
    expect(stopped).toMatchObject({ refused: bad, failure: { code: "embedding_input_rejected" } });
    expect(vectors).toHaveLength(bad);
    expect(usage).toEqual({ tokens: bad, requests: provider.asked.length });
    expect(provider.asked.length).toBeLessThanOrEqual(17);
    const paid = provider.asked.filter(({ input }) => !input.includes(`text ${bad}`)).flatMap(({ input }) => input);
    expect(new Set(paid).size).toBe(paid.length);
  });

  test("is not looked for when the provider names it", async () => {
    const message = "Invalid 'input[17]': maximum context length is 8192 tokens.";
    provider.answer = () => ({ status: 400, body: { error: { message, param: "input" } } });
    const { stopped } = await embedderOf().embedDocuments(texts);
    expect([stopped?.refused, provider.asked.length]).toEqual([17, 1]);
  });

  test("is not looked for when it is not the texts that are refused", async () => {
    provider.answer = () => ({ status: 400, body: { error: { message: "Unknown value.", param: "user" } } });
    expect((await thrownBy(embedderOf().embedDocuments(texts))).code).toBe("embedding_input_rejected");
    expect(provider.asked).toHaveLength(1);
  });
});

test.each([
  ["more texts than a server takes", 413, { error: "batch size 256 > maximum allowed batch size 32" }],
  ["more tokens than a minute has", 429, { error: { message: "Request too large: Limit 40000, Requested 100000." } }],
])("%s are sent in parts", async (_name, status, body) => {
  provider.answer = ({ input }) => (input.length > 32 ? { status, body } : undefined);
  const { vectors, stopped } = await embedderOf().embedDocuments(texts);
  expect([vectors.length, stopped]).toEqual([256, null]);
  expect(vectors[255]).toEqual((await embedderOf().embedDocuments(["text 255"])).vectors[0]);
});

test("what was embedded before a limit is kept", async () => {
  provider.answer = ({ input }) => {
    if (input.length > 128) return tooOdd;
    if (input.includes("text 200")) return { status: 429, body: { error: {} }, headers: { "retry-after": "3" } };
    return undefined;
  };
  const { vectors, stopped } = await embedderOf().embedDocuments(texts);
  expect(vectors).toHaveLength(128);
  expect(stopped).toMatchObject({ refused: null, failure: { code: "embedding_rate_limited", retryAfterMs: 3000 } });
});

describe("the length of vectors", () => {
  const vllm =
    'Model "m" does not support matryoshka representation, changing output dimensions will lead to poor results.';
  test.each([
    ["vLLM", { object: "error", message: vllm, type: "BadRequestError", param: null, code: 400 }],
    ["OpenAI", { error: { message: "This model does not support specifying dimensions.", param: "dimensions" } }],
  ])("is not asked for again where it was refused: %s", async (_name, body) => {
    provider.answer = ({ dimensions }) => (dimensions === undefined ? undefined : { status: 400, body });
    const embedder = embedderOf();
    await embedder.embedQuery("one");
    await embedder.embedQuery("two");
    expect(provider.asked.map(({ dimensions }) => dimensions)).toEqual([2, undefined, undefined]);
  });

  test.each([
    [384, 512, "Set EMBEDDING_DIMENSIONS=384, and reprocess"],
    [768, 512, "The index holds at most 512: choose a model"],
    [512, 384, "Set EMBEDDING_DIMENSIONS=512, and reprocess"],
  ])("%i where %i are wanted is refused with what to do", async (length, wanted, advice) => {
    provider.length = length;
    const failure = await thrownBy(embedderOf(wanted).embedQuery("text"));
    expect(failure.code).toBe("embedding_dimension_mismatch");
    expect(failure.detail).toContain(
      `some-model answers with ${length} dimensions, and EMBEDDING_DIMENSIONS is ${wanted}.`,
    );
    expect(failure.detail).toContain(advice);
  });
});

describe("the provider's own wait is taken over", () => {
  const spent = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-remaining-tokens": "5000" };
  const resets = { "x-ratelimit-reset-requests": "1m2.5s", "x-ratelimit-reset-tokens": "6m0s" };
  test.each([
    ["of a limit: seconds", 429, { "retry-after": "7" }, 7000],
    ["of a limit: milliseconds first", 429, { "retry-after-ms": "250", "retry-after": "1" }, 250],
    ["of a limit: what is used up", 429, { ...spent, ...resets }, 62_500],
    ["of a limit: the later one", 429, resets, 360_000],
    ["of an outage: seconds", 503, { "retry-after": "20" }, 20_000],
    ["of an outage: not what limits say", 503, resets, undefined],
  ])("%s", async (_name, status, headers, wait) => {
    provider.answer = () => ({ status, body: { error: { message: "Wait." } }, headers });
    expect((await thrownBy(embedderOf().embedQuery("text"))).retryAfterMs).toBe(wait);
  });

  test("and so are its limits, when it refuses for their sake", async () => {
    const embedder = embedderOf();
    const headers = { "x-ratelimit-limit-requests": "60", "x-ratelimit-limit-tokens": "40000" };
    provider.answer = () => ({ status: 503, body: {}, headers });
    await thrownBy(embedder.embedQuery("text"));
    expect(embedder.readLimits()).toEqual({ requestsPerMinute: null, tokensPerMinute: null });
    provider.answer = () => ({ status: 429, body: {}, headers });
    await thrownBy(embedder.embedQuery("text"));
    expect(embedder.readLimits()).toEqual({ requestsPerMinute: 60, tokensPerMinute: 40_000 });
  });
});
