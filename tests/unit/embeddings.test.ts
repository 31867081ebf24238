import fc from "fast-check";
import { countTokens as countAtOnce } from "gpt-tokenizer/encoding/cl100k_base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { createEmbedder, type Embedded, type Embedder } from "#lib/embeddings/create-embedder.ts";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import { Failure } from "#lib/errors.ts";
import { startEmbeddingsServer } from "#tests/embedded/embeddings.ts";

let server: Awaited<ReturnType<typeof startEmbeddingsServer>>;
let embedder: Embedder;
beforeAll(async () => {
  server = await startEmbeddingsServer();
  embedder = createEmbedder({
    apiKey: "sk-test",
    baseUrl: server.url,
    model: "text-embedding-3-small",
    dimensions: 512,
  });
});
afterAll(() => server.stop());

async function failureOf(run: Promise<Embedded>): Promise<Failure> {
  const thrown = await run.then(
    ({ stopped }) => stopped?.failure,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Failure)) throw new Error(`Not a failure: ${String(thrown)}`);
  return thrown;
}

describe("the embedder", () => {
  test("answers with one unit vector a text and what was used, in one request", async () => {
    const before = await server.stats();
    const { vectors, usage } = await embedder.embedDocuments(["hello world", "a lantern\nin the harbour"]);
    expect(vectors).toHaveLength(2);
    for (const vector of vectors) {
      expect(vector).toHaveLength(512);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
    expect(usage.requests).toBe(1);
    expect(usage.tokens).toBe(countTokens("hello world") + countTokens("a lantern\nin the harbour"));
    expect((await server.stats()).requests - before.requests).toBe(1);
    expect(vectors[0]).toEqual(await embedder.embedQuery("hello world"));
  });

  test("puts vectors in the order of the texts, whatever order they come in", async () => {
    const right = await embedder.embedDocuments(["first", "second"]);
    await server.control([{ times: 1, spoil: "swap-order" }]);
    const swapped = await embedder.embedDocuments(["first", "second"]);
    expect(swapped.vectors).toEqual(right.vectors);
  });

  test.each([
    ["drop-one", "embedding_response_invalid"],
    ["not-finite", "embedding_response_invalid"],
    ["zero", "embedding_response_invalid"],
    ["wrong-dimension", "embedding_dimension_mismatch"],
  ])("an answer that cannot be right is refused: %s", async (spoil, code) => {
    await server.control([{ times: 1, spoil }]);
    expect((await failureOf(embedder.embedDocuments(["one", "two"]))).code).toBe(code);
  });

  test.each([
    [429, {}, undefined, "embedding_rate_limited", undefined],
    [429, { "retry-after": "7" }, undefined, "embedding_rate_limited", 7000],
    [429, { "retry-after-ms": "250" }, undefined, "embedding_rate_limited", 250],
    [429, { "x-ratelimit-reset-tokens": "1m2.5s" }, undefined, "embedding_rate_limited", 62_500],
    [
      429,
      {},
      { error: { message: "You exceeded your quota", code: "insufficient_quota" } },
      "embedding_quota_exceeded",
      undefined,
    ],
    [401, {}, undefined, "embedding_unauthorized", undefined],
    [400, {}, undefined, "embedding_input_rejected", undefined],
    [500, {}, undefined, "embedding_unavailable", undefined],
    [200, {}, { error: { message: "overloaded" } }, "embedding_unavailable", undefined],
    [200, {}, { hello: "world" }, "embedding_response_invalid", undefined],
  ])(
    "a %i with %o and body %o is told apart, at once and without a second request",
    async (status, headers, body, code, wait) => {
      const before = await server.stats();
      const fixed = { "x-ratelimit-reset-requests": "0ms", ...headers };
      await server.control([{ times: 1, status, headers: fixed, ...(body && { body }) }]);
      const failure = await failureOf(embedder.embedDocuments(["text"]));
      expect([failure.code, failure.retryAfterMs]).toEqual([code, wait]);
      expect((await server.stats()).requests - before.requests).toBe(1);
      await server.control([]);
    },
  );

  test("nobody at the other end is embedding_unavailable", async () => {
    const nobody = createEmbedder({
      apiKey: "k",
      baseUrl: "http://127.0.0.1:9/v1",
      model: "text-embedding-3-small",
      dimensions: 512,
    });
    expect((await failureOf(nobody.embedDocuments(["text"]))).code).toBe("embedding_unavailable");
  });
});

describe("token counts", () => {
  test("control tokens in a text are text", () => {
    expect(countTokens("<|endoftext|>")).toBeGreaterThan(1);
  });

  test.each([
    ["blanks", " ".repeat(200_000)],
    ["one letter", "a".repeat(200_000)],
    ["Han", "汉".repeat(50_000)],
    ["emoji", "👩‍👩‍👧".repeat(10_000)],
    ["lone surrogates", "\ud800x\udc00".repeat(1000)],
    ["letters, of megabytes", `汉 ${"a".repeat(6_000_000)}`],
    ["signs, of megabytes", `汉 ${"-".repeat(6_000_000)}`],
  ])("a long run of %s is counted in reasonable time", (_name, text) => {
    const began = performance.now();
    expect(countTokens(text)).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(3000);
  });

  test.each([
    ["English", "The quick brown fox (aged 3) doesn't jump;\n\n  it rests 12,345 times over the lazy dog.  "],
    ["German", "Die Grundstücksverkehrsgenehmigungszuständigkeit überträgt sich -- laut §7 -- nicht.\t"],
    ["Japanese", "会議室の予約は、総務部の予約システムで行ってください。当日の取消しは電話で連絡します！"],
    ["Arabic", "الرجاء حجز قاعة الاجتماعات عبر النظام، قبل يومين. "],
    ["code", "const total = items.reduce((sum, item) => sum + item.price_in_cents, 0); // 😀\r\n"],
    ["accents that stand alone", "cafe\u0301 re\u0301sume\u0301, "],
  ])("a long text is counted as the tokenizer counts it in one piece: %s", (_name, sentence) => {
    const text = sentence.repeat(200);
    expect(countTokens(text)).toBe(countAtOnce(text, { disallowedSpecial: new Set() }));
  });

  test("any text is counted as the tokenizer counts it in one piece", () => {
    const signs = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(" ", "\n", "\r\n", "\t", "'s", "'LL", "12345", " (", "\u3000"),
    );
    const texts = fc.array(signs, { maxLength: 40 }).map((found) => found.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        expect(countTokens(text)).toBe(countAtOnce(text, { disallowedSpecial: new Set() }));
      }),
      { numRuns: 500 },
    );
  });
});

test("a vector is written as integers, each within half a millionth, and filled with zeros to the length of the index", () => {
  const written = encodeVector(Float32Array.of(0.6, -0.8, 0, 1e-7, -0.0000014));
  expect(written).toMatch(/^\[600000,-800000,0,0,-1(,0){507}\]$/);
});

test("a vector is written as integers that keep its direction", () => {
  const vector = Float32Array.from({ length: 512 }, (_, index) => Math.sin(index) / 16);
  const written = JSON.parse(encodeVector(vector)) as number[];
  const dot = written.reduce((sum, value, index) => sum + value * (vector[index] ?? 0), 0);
  expect(dot / (Math.hypot(...written) * Math.hypot(...vector))).toBeCloseTo(1, 9);
});
