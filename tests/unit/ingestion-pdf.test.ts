import { describe, expect, test } from "vitest";
import { makePdf, type PdfText } from "./make-pdf.ts";
import { outline, pageText, parseBytes, parseFixture } from "./parse-fixture.ts";

describe("a PDF", () => {
  test("gives its pages, headings by its outline, and its title; a running foot stays once", async () => {
    const parsed = await parseFixture("samples/employee-handbook.pdf");
    expect(parsed.title).toBe("Larkfield employee handbook");
    expect(parsed.pages.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(parsed.warnings).toEqual([]);
    expect(outline(parsed)).toContain("heading1: 2 Working time and leave");
    expect(outline(parsed)).toContain("heading2: Parental leave");
    expect(pageText(parsed, 2)).toContain("twenty-two weeks of parental\nleave at full pay");
    expect(parsed.text.match(/edition 7 \|/g)).toHaveLength(1);
  });

  test("has the headings of its outline at the lines that print them", async () => {
    const headings = outline(await parseFixture("documents/outline.pdf")).filter((line) => line.startsWith("heading"));
    expect(headings.slice(0, 6)).toEqual([
      "heading1: PART I - DEFINITIONS",
      "heading2: 1. Interpretation",
      "heading2: 2. Construction of Terms",
      "heading1: PART II - OBLIGATIONS",
      "heading2: 3. Payment Terms",
      "heading3: 3.1 Payment Schedule",
    ]);
  });

  test("without an outline has the large lines as headings, the largest first in rank", async () => {
    const body = [0, 1, 2, 3, 4].map((line) => ({
      text: `Body line ${line} with some more words in it.`,
      y: 600 - line * 14,
    }));
    const parsed = await parseBytes(
      "large.pdf",
      makePdf([
        [{ text: "The great title", size: 22, y: 740 }, { text: "A chapter", size: 15, y: 640 }, ...body],
        [{ text: "Another chapter", size: 15, y: 640 }, ...body],
      ]),
    );
    expect(outline(parsed).filter((line) => line.startsWith("heading"))).toEqual([
      "heading1: The great title",
      "heading2: A chapter",
      "heading2: Another chapter",
    ]);
  });

  test("has the rows of a table as lines of a table", async () => {
    const row = (cells: string[], index: number) =>
      cells.map((text, column) => ({ text, x: 60 + column * 150, y: 600 - index * 14 }));
    const rows = [
      ["Berth", "Length", "Depth"],
      ["North", "120 m", "9 m"],
      ["South", "80 m", "6 m"],
    ];
    const parsed = await parseBytes(
      "table.pdf",
      makePdf([[{ text: "Berths of the harbour", y: 650 }, ...rows.flatMap(row)]]),
    );
    expect(outline(parsed)).toContain("table: Berth | Length | Depth\nNorth | 120 m | 9 m\nSouth | 80 m | 6 m");
  });

  test("loses repeated heads and feet but for the first", async () => {
    const page = (number: number): PdfText[] => [
      { text: "Annual report", y: 810 },
      { text: `Words of page ${number} and no other.`, y: 500 },
      { text: `- ${number} -`, y: 30 },
    ];
    const { text } = await parseBytes("running.pdf", makePdf([1, 2, 3, 4].map(page)));
    expect(text.match(/Annual report/g)).toHaveLength(1);
    expect(text.match(/- \d -/g)).toEqual(["- 1 -"]);
    expect(text.match(/Words of page \d/g)).toHaveLength(4);
  });

  test("tells which of its pages gave no text", async () => {
    const parsed = await parseBytes(
      "mixed.pdf",
      makePdf([[{ text: "First", y: 700 }], [], [{ text: "Third", y: 700 }], []]),
    );
    expect(parsed.warnings).toMatchObject([{ code: "pages_without_text", pages: [2, 4] }]);
    expect([pageText(parsed, 1).trim(), pageText(parsed, 2).trim(), pageText(parsed, 3).trim()]).toEqual([
      "First",
      "",
      "Third",
    ]);
  });

  test("whose end is missing says so when it can be read all the same", async () => {
    const whole = makePdf([[{ text: "Words that survive.", y: 700 }]]);
    const parsed = await parseBytes("cut.pdf", whole.subarray(0, whole.indexOf("startxref")));
    expect(parsed.text).toBe("Words that survive.");
    expect(parsed.warnings).toMatchObject([{ code: "file_recovered" }]);
  });

  test("tells the labels that are printed on its pages", async () => {
    const { pages } = await parseFixture("documents/page-labels.pdf");
    expect(pages.map(({ label }) => label)).toEqual(["iii", "iv", "1", "2", "1"]);
  });

  test("gives what was filled into its form", async () => {
    const form = outline(await parseFixture("documents/form.pdf")).find((line) => line.startsWith("form"));
    expect(form).toContain("Aliquam vitae felis ac lectus bibendum ultricies");
  });

  test("in Japanese is read, though its letters are described by tables that the file leaves out", async () => {
    expect((await parseFixture("documents/japanese.pdf")).text).toContain("それのいろいろの論料といっしょに");
    expect((await parseFixture("documents/shift-jis.pdf")).text).toBe("あいうえお");
  });

  test("that is turned, and one with soft hyphens, read as they look", async () => {
    expect((await parseFixture("documents/rotated.pdf")).text).toContain(
      "Hello World Test Text\nSecond line of text here",
    );
    expect((await parseFixture("documents/soft-hyphen.pdf")).text).toBe("optionalhyphen");
  });
});
