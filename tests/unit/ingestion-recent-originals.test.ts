import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRecentOriginals } from "#lib/ingestion/recent-originals.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const bytes = (length: number) => new Uint8Array(length);

test("an original is given away once", () => {
  const originals = createRecentOriginals({ mostBytes: 100, longestMs: 1000 });
  originals.keep("a", bytes(10));
  expect(originals.take("a")).toHaveLength(10);
  expect(originals.take("a")).toBeUndefined();
});

test("the oldest ones go when there is too much, and one that is too large is not kept", () => {
  const originals = createRecentOriginals({ mostBytes: 100, longestMs: 1000 });
  for (const name of ["a", "b", "c"]) originals.keep(name, bytes(40));
  expect(["a", "b", "c"].map((name) => originals.take(name)?.length)).toEqual([undefined, 40, 40]);
  originals.keep("d", bytes(40));
  originals.keep("large", bytes(101));
  expect(["d", "large"].map((name) => originals.take(name)?.length)).toEqual([40, undefined]);
  // What is gone no longer counts, nor does what is kept twice.
  for (const name of ["e", "e", "f"]) originals.keep(name, bytes(50));
  expect(["e", "f"].map((name) => originals.take(name)?.length)).toEqual([50, 50]);
});

test("nothing is kept for long", () => {
  const originals = createRecentOriginals({ mostBytes: 100, longestMs: 1000 });
  originals.keep("a", bytes(10));
  vi.advanceTimersByTime(1001);
  expect(originals.take("a")).toBeUndefined();
});
