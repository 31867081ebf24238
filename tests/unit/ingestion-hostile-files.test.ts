import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { inspectFile } from "#lib/documents/inspect-file.ts";
import { asFailure, type FailureCode } from "#lib/errors.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import type { ParsedDocument } from "#lib/ingestion/schema.ts";
import { watchParsers } from "#tests/corpus/watch-parsers.ts";
import { findFaults } from "#tests/find-faults.ts";
import { makeHostileFiles, makeWholeFiles } from "./hostile-files.ts";

const folder = mkdtempSync(join(tmpdir(), "knowledgebase-hostile-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const outside = `outside-${crypto.randomUUID()}`;
const limits = { wallMs: 12_000, memoryBytes: 600 * 1024 * 1024 };
/** What a process may take in the tenth of a second between two looks at it. */
const mostBytes = limits.memoryBytes * 1.7;
/** From the start of a parser to the end of one that had to be stopped. */
const mostMs = limits.wallMs + 5_000;

async function read(fileName: string, bytes: Buffer): Promise<ParsedDocument | FailureCode> {
  try {
    const { mediaType } = inspectFile({ fileName, bytes, maxBytes: 50 * 1024 * 1024 });
    const path = join(folder, crypto.randomUUID());
    writeFileSync(path, bytes);
    const parsed = await parseDocument({ path, fileName, mediaType }, { limits });
    expect(findFaults(parsed)).toEqual([]);
    return parsed;
  } catch (thrown) {
    const { code } = asFailure(thrown);
    if (code === "internal") throw thrown;
    return code;
  }
}

describe("a file that is made to do harm ends rightly, in time and within its memory, and harms no other", () => {
  test.each(makeHostileFiles(outside))("$name", { timeout: 60_000 }, async ({ fileName, bytes, right }) => {
    const endWatch = watchParsers();
    const start = performance.now();
    const [end, good] = await Promise.all([
      read(fileName, bytes),
      read("good.md", Buffer.from("# A good document\n\nIts words.")),
    ]);
    expect(performance.now() - start).toBeLessThan(mostMs);
    expect(endWatch()).toBeLessThan(mostBytes);
    expect(good).toMatchObject({ text: "A good document\n\nIts words." });
    expect(right).toContain(typeof end === "string" ? end : "read");
    if (typeof end !== "string") expect(end.text).not.toMatch(/root:.*:0:0:|(ha){100}/);
  });

  test("and nothing was written outside", () => {
    for (const place of [tmpdir(), resolve(tmpdir(), ".."), folder, resolve("."), resolve(".."), resolve("../..")]) {
      expect(existsSync(join(place, outside))).toBe(false);
    }
    expect(readdirSync(folder).filter((name) => name.includes("outside"))).toEqual([]);
  });
});

describe("a file of any format", () => {
  const whole = makeWholeFiles();

  test.each(whole)(
    "$fileName is read whole, and ends with a reason or its words when it is cut anywhere",
    async ({ fileName, bytes }) => {
      expect(await read(fileName, bytes)).toMatchObject({ text: expect.stringContaining("words") });
      for (const share of [0.1, 0.3, 0.5, 0.7, 0.9, 0.97]) {
        const end = await read(fileName, bytes.subarray(0, Math.floor(bytes.length * share)));
        if (typeof end === "string") {
          expect([
            "file_corrupt",
            "file_encrypted",
            "text_missing",
            "media_type_mismatch",
            "media_type_unsupported",
          ]).toContain(end);
        }
      }
    },
  );

  test.each(whole)(
    "$fileName is refused when it is empty, and when it is named as another",
    async ({ fileName, bytes }) => {
      expect(await read(fileName, Buffer.alloc(0))).toBe("file_empty");
      const other = fileName.endsWith("pdf") ? "a.docx" : "a.pdf";
      expect(["media_type_mismatch", "file_corrupt"]).toContain(await read(other, bytes));
    },
  );
});
