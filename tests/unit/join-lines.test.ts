import { expect, test } from "vitest";
import { joinLines } from "#app/(signed-in)/join-lines.ts";

const lines = (...given: string[]) => given.join("\n");

test("a paragraph goes on where a line was only full, and ends where it ends", () => {
  const text = lines(
    "Notice",
    "",
    "The first four months of an employment are a probation period. During probation either",
    "side can end the employment with two weeks of notice. In the third month your manager",
    "sits down with you and tells you plainly how it is going. After probation the notice",
    "period is two months.",
    "It grows to three months after five years with the company.",
  );
  expect(joinLines(text).split("\n")).toEqual([
    "Notice",
    "",
    "The first four months of an employment are a probation period. During probation either side can end the employment with two weeks of notice. In the third month your manager sits down with you and tells you plainly how it is going. After probation the notice period is two months.",
    "It grows to three months after five years with the company.",
  ]);
});

test("each item of a list stays on a line of its own", () => {
  const text = lines(
    "1. Undo and redo: the ability to undo mistakes and to redo actions made it so that",
    "experiments and the correction of errors became much easier.",
    "2. Spell check: by the end of the decade it was a standard, which allowed users to",
    "spot errors at once.",
  );
  expect(joinLines(text).split("\n")).toEqual([
    "1. Undo and redo: the ability to undo mistakes and to redo actions made it so that experiments and the correction of errors became much easier.",
    "2. Spell check: by the end of the decade it was a standard, which allowed users to spot errors at once.",
  ]);
});

test("a line that is longer for a divided word does not make the others short ones", () => {
  const text = lines(
    "tellus. Donec aliquet, tortor sed accumsan bibendum, erat ligula aliquet magna, vitae ornare odio",
    "metus a mi. Morbi ac orci et nisl hendrerit mollis.",
    "suspendisse ut massa. Cras nec ante. Pellentesque",
    "a nulla.",
  );
  expect(joinLines(text)).not.toContain("\n");
});

test.each([
  [
    "rows of a table",
    lines(
      "SKU-8847 | Electronics | $45.00 | $13,005.00 | 2024-10-15",
      "SKU-9201 | Hardware | $32.50 | $25,285.00 | 2024-10-22",
      "SKU-4563 | Software | $120.00 | $18,720.00 | 2024-10-30",
    ),
  ],
  ["short lines", lines("Beautiful is better", "than ugly, and so", "is explicit")],
  ["lines of Chinese", lines("知識庫是".repeat(12), "文件的家".repeat(12))],
  ["one line", "A single line that says all there is to say about this."],
  ["nothing", ""],
])("%s stay as they are", (_, text) => {
  expect(joinLines(text)).toBe(text);
});

test("nothing but ends of lines changes, and no place in the text", () => {
  const text = lines(
    "The first four months of an employment are a probation period. During",
    "probation either side can end it. ",
    "",
    "",
    "\tAfter that the notice period grows to two months, and after five years",
    "it grows to three.",
  );
  const joined = joinLines(text);
  expect(joined).not.toBe(text);
  expect([...joined].map((sign, at) => (text[at] === "\n" ? "\n" : sign)).join("")).toBe(text);
});
