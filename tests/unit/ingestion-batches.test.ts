import { expect, test } from "vitest";
import { createBatchPacker } from "#lib/ingestion/pack-batches.ts";
import type { Chunk } from "#lib/ingestion/schema.ts";

function chunks(count: number, tokenCount: number): Chunk[] {
  return Array.from({ length: count }, (_, ordinal) => ({
    ordinal,
    content: "x",
    headingPath: [],
    pageFrom: null,
    pageTo: null,
    charFrom: ordinal,
    charTo: ordinal + 1,
    tokenCount,
  }));
}

function packBatches(all: Chunk[], batchChunks: number): Chunk[][] {
  const packer = createBatchPacker(batchChunks);
  // As they come: some at a time.
  const full = Array.from({ length: Math.ceil(all.length / 7) }, (_, part) =>
    packer.add(all.slice(part * 7, part * 7 + 7)),
  );
  return [...full.flat(), ...packer.finish()];
}

test("batches are as few as the count allows, and keep the order", () => {
  const batches = packBatches(chunks(600, 100), 256);
  expect(batches.map((batch) => batch.length)).toEqual([256, 256, 88]);
  expect(batches.flat().map((chunk) => chunk.ordinal)).toEqual(Array.from({ length: 600 }, (_, index) => index));
});

test("no batch goes over the provider's tokens a request", () => {
  const batches = packBatches(chunks(100, 8000), 256);
  for (const batch of batches)
    expect(batch.reduce((sum, chunk) => sum + chunk.tokenCount, 0)).toBeLessThanOrEqual(250_000);
  expect(batches.map((batch) => batch.length)).toEqual([31, 31, 31, 7]);
});

test("no chunks make no batch", () => {
  expect(packBatches([], 256)).toEqual([]);
});
