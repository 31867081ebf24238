import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cutFixture } from "#tests/bench/retrieval/cut-fixture.ts";
import { isAnswer, readQuestions } from "#tests/bench/retrieval/read-questions.ts";

const folder = join(import.meta.dirname, "../fixtures/retrieval");
const questions = readQuestions();
const files = [...new Set(questions.map(({ file }) => file))];

test.each(files)(
  "every answer that is said to be in %s stands there, on its page or under its heading",
  async (file) => {
    const { chunks } = await cutFixture(file);
    const asked = questions.filter((question) => question.file === file);
    const unanswered = asked.filter((question) => !chunks.some((chunk) => isAnswer(question, { file, ...chunk })));
    expect(unanswered).toEqual([]);
  },
);

test("at least half of the questions are not put in the document's words, and none is asked twice", () => {
  expect(questions.length).toBeGreaterThanOrEqual(60);
  expect(questions.filter(({ words }) => words === "other").length).toBeGreaterThanOrEqual(questions.length / 2);
  expect(new Set(questions.map(({ question }) => question)).size).toBe(questions.length);
});

test("every document of the judged set is asked about, and is the one that its README names", () => {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  for (const name of readdirSync(folder).filter(
    (entry) => !/^(README\.md|questions\.json|\.gitattributes)$/.test(entry),
  )) {
    const sha256 = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
    const row = readme.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toContain(sha256);
    expect(files).toContain(`retrieval/${name}`);
  }
});
