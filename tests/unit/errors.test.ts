import { describe, expect, test } from "vitest";
import { asFailure, Failure, failureCodes, viewFailure } from "#lib/errors.ts";

describe("failures", () => {
  test.each(failureCodes)("%s survives being sent as text through the workflow engine", (code) => {
    const sent = new Error(new Failure(code, { detail: "Page 3 is [odd].\nReally." }).message);
    const received = asFailure(sent);
    expect(received.code).toBe(code);
    expect(received.detail).toBe("Page 3 is [odd].\nReally.");
  });

  test("an unknown error becomes internal and keeps its own text from the user", () => {
    const failure = asFailure(new Error("connect ECONNREFUSED 10.0.0.1 password=hunter2"));
    expect(viewFailure(failure)).toEqual({
      code: "internal",
      message: "Something went wrong on our side.",
      action: "Try again; if it stays, tell the operator the correlation id.",
      retryable: true,
    });
    expect(failure.cause).toBeInstanceOf(Error);
  });

  test("a code that is not in the table is internal", () => {
    expect(asFailure(new Error("[made_up] hello")).code).toBe("internal");
    expect(asFailure("a string").code).toBe("internal");
  });

  test("every row tells what happened and what to do, in whole sentences", () => {
    for (const code of failureCodes) {
      const view = viewFailure(new Failure(code));
      expect(view.message, code).toMatch(/^[A-Z].*\.$/);
      expect(view.action, code).toMatch(/^[A-Z].*\.$/);
    }
  });
});
