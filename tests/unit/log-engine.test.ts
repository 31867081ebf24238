import { NonRetriableError } from "inngest";
import { afterEach, expect, test, vi } from "vitest";
import { engineLog } from "#inngest/log-engine.ts";
import { Failure } from "#lib/errors.ts";

const out = vi.spyOn(console, "log").mockImplementation(() => undefined);
const err = vi.spyOn(console, "error").mockImplementation(() => undefined);
afterEach(() => vi.clearAllMocks());

const linesOf = (spy: typeof out) => spy.mock.calls.map(([line]) => JSON.parse(line as string));

test("that a file cannot be read is told by its code, without a stack, and not as an error", () => {
  const failure = new Failure("file_encrypted", { cause: new Error("No password given") });
  engineLog.error({ err: new NonRetriableError(failure.message, { cause: failure }) }, "Inngest step error");
  expect(linesOf(err)).toEqual([]);
  expect(linesOf(out)).toEqual([
    { at: expect.any(String), level: "info", message: "Inngest step error", code: "file_encrypted" },
  ]);
});

test("what nobody foresaw is told with its cause, in one line", () => {
  engineLog.error({ err: new TypeError("x is not a function") }, "Inngest function error");
  const [line] = linesOf(err);
  expect(line).toMatchObject({ level: "error", message: "Inngest function error", code: "internal" });
  expect(JSON.stringify(line.cause)).toContain("x is not a function");
});

test("what the library says by itself is kept, and what it says to its developers is not", () => {
  engineLog.warn("inngest.send() called with no events");
  engineLog.error({ runId: "1" }, "no answer");
  engineLog.debug({ attempt: 1 }, "Establishing connection");
  expect(linesOf(err)).toMatchObject([
    { level: "warn", message: "inngest.send() called with no events" },
    { level: "error", message: "no answer", runId: "1" },
  ]);
  expect(linesOf(out)).toEqual([]);
});
