import { expect, test } from "vitest";
import { describeEstimate, formatUsd, needsConsent } from "#app/(signed-in)/documents/describe-estimate.ts";
import { estimateFile } from "#lib/documents/estimate-file.ts";
import { estimateSchema } from "#lib/documents/schema.ts";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { pricedAt, priceUsd } from "#lib/embeddings/prices.ts";
import type { Env } from "#lib/env.ts";
import { asFailure } from "#lib/errors.ts";
import { makePdf } from "./make-pdf.ts";

const env = {
  MAX_FILE_BYTES: 1024 * 1024,
  CHUNK_TOKENS: 100,
  CHUNK_OVERLAP_TOKENS: 0,
  EMBEDDING_MODEL: "text-embedding-3-small",
  EMBEDDING_DIMENSIONS: 512,
  OCR_LANGUAGES: "eng",
} as Env;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const { signal } = new AbortController();
const sections = Array.from({ length: 20 }, (_, index) => `## Part ${index}\n\n${"harbour tide lantern ".repeat(30)}`);
const text = sections.join("\n\n");

test("a file is estimated by the passages and tokens that it would have, at the price of its model", async () => {
  const estimate = await estimateFile({ env }, { fileName: "long.md", bytes: bytesOf(text), signal });
  expect(estimateSchema.parse(estimate)).toEqual(estimate);
  expect(estimate.chunks).toBeGreaterThanOrEqual(20);
  const tokens = await countTokens(text);
  expect(estimate.tokens).toBeGreaterThan(tokens * 0.9);
  expect(estimate.tokens).toBeLessThan(tokens * 1.3);
  expect(estimate).toMatchObject({ model: "text-embedding-3-small", pricedAt });
  expect(estimate.priceUsd).toBeCloseTo((estimate.tokens * 0.02) / 1_000_000, 12);
});

test("the price of a model that is not listed is not guessed", async () => {
  const own = { ...env, EMBEDDING_MODEL: "nomic-embed-text" };
  const estimate = await estimateFile({ env: own }, { fileName: "long.md", bytes: bytesOf(text), signal });
  expect([estimate.priceUsd, estimate.tokens > 0]).toEqual([null, true]);
  expect(describeEstimate(estimate)).not.toContain("$");
  expect(needsConsent(estimate)).toBe(false);
});

test("pages without text are estimated as nothing: what is recognised in them is not known before", async () => {
  const bytes = new Uint8Array(makePdf([[], []]));
  const estimate = await estimateFile({ env }, { fileName: "scan.pdf", bytes, signal });
  expect(estimate).toMatchObject({ chunks: 0, tokens: 0 });
  expect(describeEstimate(estimate)).toMatch(/known only after it has been read$/);
});

test.each([
  ["is no text", "file_empty", "a.md", ""],
  ["is not what its name says", "media_type_mismatch", "a.pdf", "<!doctype html><html><body>No.</body></html>"],
])("a file that %s is refused as an upload of it would be", async (_name, code, fileName, content) => {
  const refused = estimateFile({ env }, { fileName, bytes: bytesOf(content), signal }).catch(asFailure);
  expect(await refused).toMatchObject({ code });
});

test("an estimate that nobody waits for any more ends", async () => {
  const gone = AbortSignal.abort(new Error("gone"));
  await expect(estimateFile({ env }, { fileName: "long.md", bytes: bytesOf(text), signal: gone })).rejects.toThrow(
    "gone",
  );
});

test("prices are by the million tokens", () => {
  expect(priceUsd("text-embedding-3-small", 1_000_000)).toBe(0.02);
  expect(priceUsd("text-embedding-3-large", 2_000_000)).toBe(0.26);
  expect(priceUsd("some-model", 1)).toBeNull();
});

test("who pays five cents or more is asked, and the words say how much", () => {
  const estimate = { chunks: 1, tokens: 400, pages: 1, model: "m", pricedAt, priceUsd: 0.049 };
  expect(needsConsent(estimate)).toBe(false);
  expect(needsConsent({ ...estimate, priceUsd: 0.05 })).toBe(true);
  expect(describeEstimate({ ...estimate, priceUsd: 0.000_008 })).toBe("About 1 passage, 400 tokens, less than $0.01");
  expect(describeEstimate({ ...estimate, chunks: 12_000, tokens: 4_800_000, priceUsd: 0.096 })).toBe(
    "About 12,000 passages, 4,800,000 tokens, $0.10",
  );
  expect(formatUsd(1.5)).toBe("$1.50");
});
