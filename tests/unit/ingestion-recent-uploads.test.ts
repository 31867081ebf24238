import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRecentUploads } from "#lib/ingestion/recent-uploads.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const bytes = (length: number) => new Uint8Array(length);
const work = (jobId: string) => ({ documentId: `of-${jobId}`, jobId, attempt: 1 }) as JobWork;
const ids = (jobId: string) => ({ documentId: `of-${jobId}`, jobId });

test("an original is given away once", () => {
  const uploads = createRecentUploads({ mostBytes: 100, longestMs: 1000 });
  uploads.keep(work("a"), bytes(10));
  expect(uploads.take("a")).toHaveLength(10);
  expect(uploads.take("a")).toBeUndefined();
});

test("the run that asks first is told what to work on, as often as it asks, and no other one", () => {
  const uploads = createRecentUploads({ mostBytes: 100, longestMs: 1000 });
  uploads.keep(work("a"), bytes(10));
  const known = { ...ids("a"), attempt: 1, runId: "run-1" };
  expect(uploads.find(ids("a"), "run-1")).toEqual(known);
  uploads.take("a");
  expect(uploads.find(ids("a"), "run-1")).toEqual(known);
  expect(uploads.find(ids("a"), "run-2")).toBeUndefined();
  expect(uploads.find(ids("b"), "run-1")).toBeUndefined();
  expect(uploads.find({ documentId: "of-b", jobId: "a" }, "run-1")).toBeUndefined();
});

test("the oldest ones go when there is too much, and one that is too large is not kept", () => {
  const uploads = createRecentUploads({ mostBytes: 100, longestMs: 1000 });
  for (const name of ["a", "b", "c"]) uploads.keep(work(name), bytes(40));
  expect(uploads.find(ids("a"), "run-1")).toBeUndefined();
  expect(["a", "b", "c"].map((name) => uploads.take(name)?.length)).toEqual([undefined, 40, 40]);
  uploads.keep(work("d"), bytes(40));
  uploads.keep(work("large"), bytes(101));
  expect(["d", "large"].map((name) => uploads.take(name)?.length)).toEqual([40, undefined]);
  // What is gone no longer counts, nor does what is kept twice.
  for (const name of ["e", "e", "f"]) uploads.keep(work(name), bytes(50));
  expect(["e", "f"].map((name) => uploads.take(name)?.length)).toEqual([50, 50]);
});

test("nothing is kept for long", () => {
  const uploads = createRecentUploads({ mostBytes: 100, longestMs: 1000 });
  uploads.keep(work("a"), bytes(10));
  vi.advanceTimersByTime(1001);
  expect(uploads.take("a")).toBeUndefined();
  expect(uploads.find(ids("a"), "run-1")).toBeUndefined();
});
