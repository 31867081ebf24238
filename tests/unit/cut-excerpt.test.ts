import { expect, test } from "vitest";
import { cutExcerpt } from "#app/(signed-in)/cut-excerpt.ts";
import { wordsOf } from "#app/(signed-in)/query-words.ts";

const filler = "the quay lies in the fog and nobody is there ".repeat(40);

test("a short text stays as it is", () => {
  expect(cutExcerpt("A ferry.\nA quay.", wordsOf("ferry"))).toBe("A ferry.\nA quay.");
});

test("of a long text the part that has the most of the words is shown, cut between words", () => {
  const text = `ferry ${filler}when the ferry leaves the harbour ${filler}`;
  const excerpt = cutExcerpt(text, wordsOf("ferry harbour"));
  expect(excerpt).toMatch(/^…(?:the|quay|lies|in|fog|and|nobody|is|there) .*ferry leaves the harbour .*\w…$/s);
  expect(excerpt.length).toBeLessThan(620);
  expect(text).toContain(`${excerpt.slice(1, -1)} `);
});

test("without a word of the query it is the beginning", () => {
  expect(cutExcerpt(`First ${filler}`, null)).toMatch(/^First the quay .*…$/s);
  expect(cutExcerpt(`First ${filler}`, wordsOf("zeppelin"))).toMatch(/^First the quay .*…$/s);
});

test("of many lines about eight are shown, the word among them", () => {
  const lines = Array.from({ length: 60 }, (_, row) => `row ${row}`);
  const excerpt = cutExcerpt(lines.join("\n"), wordsOf("43"));
  expect(excerpt.split("\n").length).toBeLessThan(11);
  expect(excerpt).toContain("row 43");
});

test("a text without blanks is cut at its length", () => {
  const text = `${"雾".repeat(900)}发票${"𠮷".repeat(900)}`;
  const excerpt = cutExcerpt(text, wordsOf("发票"));
  expect(excerpt).toMatch(/^…雾{90,100}发票𠮷{200,260}…$/u);
});
