import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  asFailure,
  describeFailure,
  Failure,
  type FailureCode,
  failureCodes,
  mayReprocessHelp,
  outageCodes,
  viewFailure,
  viewStoredFailure,
} from "#lib/errors.ts";
import { readableTypes } from "#lib/ingestion/schema.ts";

const internal = {
  code: "internal",
  message: "Something went wrong on our side.",
  action: "Try again, or reprocess the document; if it stays, tell the operator the correlation id.",
  retryable: true,
};
const told = failureCodes.filter((code): code is Exclude<FailureCode, "internal"> => code !== "internal");

describe("failures", () => {
  test.each(told)("%s survives being sent as text through the workflow engine", (code) => {
    const sent = new Error(new Failure(code, { detail: "Page 3 is [odd].\nReally." }).message);
    const received = asFailure(sent);
    expect(received.code).toBe(code);
    expect(received.detail).toBe("Page 3 is [odd].\nReally.");
  });

  test("an unknown error becomes internal and keeps its own text from the user", () => {
    const failure = asFailure(new Error("connect ECONNREFUSED 10.0.0.1 password=hunter2"));
    expect(viewFailure(failure)).toEqual(internal);
    expect(failure.cause).toBeInstanceOf(Error);
  });

  test("internal says the same whatever it is given, by whoever made it", () => {
    const failure = new Failure("internal", { detail: "at query (/srv/app/db.js:10:3)" });
    expect(viewFailure(failure)).toEqual(internal);
    expect(viewFailure(asFailure(new Error("[internal] at query (/srv/app/db.js:10:3)")))).toEqual(internal);
  });

  test("of what was stored, the table's own sentences are shown, and a code that it does not know is internal", () => {
    const { action, retry } = describeFailure("file_corrupt");
    const stored = {
      code: "file_corrupt",
      message: "Page 3 is odd.",
      action: "What was said a year ago.",
      retryable: true,
    };
    expect(viewStoredFailure(stored)).toEqual({
      code: "file_corrupt",
      message: "Page 3 is odd.",
      action,
      retryable: retry,
    });
    expect(viewStoredFailure({ code: "constructor", message: "at query (/srv/app/db.js:10:3)" })).toEqual(internal);
    expect(viewStoredFailure(undefined)).toEqual(internal);
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

  test("a reprocess may help whatever is not the fault of the file", () => {
    const helpless = ["file_encrypted", "file_corrupt", "file_too_complex", "text_missing", "source_missing"];
    for (const code of helpless) expect(mayReprocessHelp(code), code).toBe(false);
    const codes = failureCodes.filter((code) => describeFailure(code).retry || code.startsWith("embedding_"));
    for (const code of [...codes, "made_up"]) expect(mayReprocessHelp(code), code).toBe(true);
  });

  test("no action promises what is over once a document has failed", () => {
    for (const code of failureCodes.filter((code) => describeFailure(code).where !== "queue")) {
      const promises = expect(describeFailure(code).action, code);
      if (outageCodes.includes(code)) promises.toMatch(/by itself for a while; reprocess/);
      else promises.not.toMatch(/it is tried again|by itself|goes on/i);
    }
  });

  test("whoever sent what cannot be read is told all that can, and so is the reader of the README", () => {
    expect(describeFailure("media_type_unsupported").action).toBe(
      `Upload a file of one of these types: ${readableTypes}.`,
    );
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8").replace(/\s+/g, " ");
    expect(readme).toContain(`Files: ${readableTypes}.`);
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
      "*Where* is the stage at which it comes up; `any` is every stage and every request, and `engine` is seen by nobody but in the list of",
      "runs: it is how a run ends that has nothing to do any more. *Tried again by itself*: the workflow repeats the stage several times",
      "before a document ends with the code. A request is never repeated for its sender. Under the correlation id, which every failure",
      "has, the app's log tells the cause.",
      "",
      "| code | where | HTTP | tried again by itself | what happened | what you can do |",
      "|---|---|---|---|---|---|",
      ...rows,
      "",
    ];
    await expect(page.join("\n")).toMatchFileSnapshot("../../docs/errors.md");
  });
});
