import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fixtures } from "./parse-fixture.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "knowledgebase-corpus-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with these of our documents, and what is expected of them. */
function makeCorpus(names: string[], files?: object[]): string {
  const corpus = mkdtempSync(join(folder, "x"));
  mkdirSync(join(corpus, "in"));
  for (const name of names) copyFileSync(join(fixtures, "documents", name), join(corpus, "in", basename(name)));
  if (files) writeFileSync(join(corpus, "expectations.json"), JSON.stringify({ files }));
  return corpus;
}

function run(corpus: string): Promise<{ code: unknown; lines: string[] }> {
  const { promise, resolve: settle } = Promise.withResolvers<{ code: unknown; lines: string[] }>();
  execFile(process.execPath, ["tests/corpus/main.ts", corpus], { cwd: root }, (thrown, stdout) => {
    settle({ code: thrown?.code ?? 0, lines: stdout.trim().split("\n") });
  });
  return promise;
}

const wrongs = (lines: string[]) => lines.filter((line) => line.startsWith("wrong"));

test("a corpus that is as expected, in what is read and in what is refused, ends well", {
  timeout: 60_000,
}, async () => {
  const { code, lines } = await run(
    makeCorpus(
      ["page-labels.pdf", "password.pdf", "form.pdf", "images-only.pdf", "truncated.pdf", "table.rtf", "cp866.txt"],
      [
        { path: "in/page-labels.pdf", type: "pdf", pages: 5, page_labels: ["iii", "iv", "1", "2", "1"] },
        { path: "in/password.pdf", type: "pdf", expected_error: "PASSWORD_REQUIRED", must_contain: ["within"] },
        { path: "in/form.pdf", type: "pdf", must_contain: ["Single  line,\nunlimited"] },
        {
          path: "in/images-only.pdf",
          type: "pdf",
          expected_error_without_ocr: "NO_TEXT",
          ocr_contains: ["self contained"],
        },
        { path: "in/truncated.pdf", type: "pdf", expected_error: "CORRUPT", or_contains: true },
        { path: "in/table.rtf", type: "rtf", rows: 3, must_not_contain: ["rtf1"] },
      ],
    ),
  );
  expect(wrongs(lines)).toEqual([]);
  expect(lines.at(-1)).toBe("6 of 6 expected files are right.");
  expect(lines.find((line) => line.startsWith("pdf"))).toMatch(/^pdf +5 +5 +0 +2 +0 +3 +\d+ +\d+ /);
  expect(lines.find((line) => line.startsWith("txt"))).toMatch(/^txt +1 +0 +0 +0 +1 +1 /);
  expect(code).toBe(0);
});

test("each expectation that is not met is named", async () => {
  const { code, lines } = await run(
    makeCorpus(
      ["page-labels.pdf", "password.pdf", "table.rtf", "cp866.txt"],
      [
        { path: "in/page-labels.pdf", type: "pdf", pages: 4, page_labels: ["i"], must_contain: ["no such words"] },
        { path: "in/password.pdf", type: "pdf", must_contain: ["within"], or_error: "NO_TEXT" },
        { path: "in/table.rtf", type: "rtf", rows: 2, must_not_contain: ["Cell 1"], sha256: "0" },
        { path: "in/cp866.txt", type: "txt", expected_error: "CORRUPT" },
        { path: "in/gone.txt", type: "txt" },
      ],
    ),
  );
  expect(wrongs(lines)).toEqual([
    "wrong  in/cp866.txt: expected file_corrupt, but it was read",
    'wrong  in/page-labels.pdf: must_contain: "no such words" is missing',
    "wrong  in/page-labels.pdf: pages: 4 expected, 5 found",
    "wrong  in/page-labels.pdf: page_labels: i expected, iii,iv,1,2,1 found",
    "wrong  in/password.pdf: expected to be read or text_missing, but it gave file_encrypted: The file is protected by a password.",
    "wrong  in/table.rtf: sha256: these are not the bytes it speaks of",
    'wrong  in/table.rtf: must_not_contain: "Cell 1" is there',
    "wrong  in/table.rtf: rows: 2 expected, 3 found",
    "wrong  in/gone.txt: the file is missing",
  ]);
  expect(lines.at(-1)).toBe("0 of 5 expected files are right.");
  expect(code).toBe(1);
});

test("without expectations it tells what each file gave", async () => {
  const { code, lines } = await run(makeCorpus(["password.pdf", "cp866.txt"]));
  expect(lines.slice(0, 2)).toEqual([
    expect.stringMatching(/^read {2}in\/cp866\.txt: text\/plain, \d+ characters, \d+ ms, encoding_guessed$/),
    "file_encrypted  in/password.pdf: The file is protected by a password.",
  ]);
  expect(code).toBe(0);
});
