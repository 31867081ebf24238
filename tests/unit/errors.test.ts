import { describe, expect, test } from "vitest";
import { asFailure, describeFailure, Failure, failureCodes, viewFailure } from "#lib/errors.ts";

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

  test("docs/errors.md is the table (vitest -u writes it anew)", async () => {
    const rows = failureCodes.map((code) => {
      const { where, status, retry, message, action } = describeFailure(code);
      return `| \`${code}\` | ${where} | ${status} | ${retry ? "yes" : "no"} | ${message} | ${action} |`;
    });
    const page = [
      "# Errors",
      "",
      "Every failure that reaches a user has one of these codes, in the API (`code` of a problem, `error.code` of a document) and on the",
      "screen. The codes are stable; the sentences may be made more exact. Made from `lib/errors.ts`.",
      "",
      "| code | where | HTTP | tried again by itself | what happened | what you can do |",
      "|---|---|---|---|---|---|",
      ...rows,
      "",
    ];
    await expect(page.join("\n")).toMatchFileSnapshot("../../docs/errors.md");
  });
});
