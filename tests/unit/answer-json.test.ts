import { expect, test } from "vitest";
import { answerJson } from "#app/api/answer-json.ts";

test.each([
  ["a short answer is sent as it is", "x".repeat(13_000), "no-transform"],
  ["a long one may be compressed", "x".repeat(15_000), null],
  ["what counts is bytes, not characters", "語".repeat(5_000), null],
])("%s", async (_, text, cacheControl) => {
  const response = answerJson({ text }, { status: 202, headers: { location: "/there" } });
  expect(response.status).toBe(202);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "application/json",
    location: "/there",
  });
  expect(response.headers.get("cache-control")).toBe(cacheControl);
  expect(await response.json()).toEqual({ text });
});
