import { expect, test } from "vitest";
import { readNext } from "#app/sign-in/read-next.ts";
import { signInPath } from "#app/sign-in/sign-in-path.ts";

test.each([
  "/documents/0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f11?chunk=1&q=parental%20leave",
  "/search?q=a//b",
  "/search?q=größe#top",
])("a sign-in leads on to %s", (path) => {
  expect(readNext(path)).toBe(path);
  expect(readNext(new URLSearchParams(signInPath(path).split("?")[1]).get("next"))).toBe(path);
});

test.each([
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  " /search",
  "search",
  "",
  null,
  undefined,
  ["/search", "/documents"],
])("it never leads to %j", (path) => {
  expect(readNext(path)).toBe("/documents");
});

test("what a sign-in leads to anyway is not named", () => {
  expect(["/", "/documents"].map(signInPath)).toEqual(["/sign-in", "/sign-in"]);
});
