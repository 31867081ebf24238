import { describe, expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { makeOpenDocument } from "./make-office.ts";
import { makeDocx, makeZip } from "./make-zip.ts";
import { outline, pageText, parseBytes, parseFixture } from "./parse-fixture.ts";

async function refuse(parsing: Promise<unknown>): Promise<string> {
  return await parsing.then(
    () => "read",
    (thrown: unknown) => asFailure(thrown).code,
  );
}

test("a cell of Word has its paragraphs apart, and the words of a table within it", async () => {
  const paragraph = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
  const table = (...rows: string[][]) => {
    const cells = (row: string[]) => row.map((cell) => `<w:tc>${cell}</w:tc>`).join("");
    return `<w:tbl>${rows.map((row) => `<w:tr>${cells(row)}</w:tr>`).join("")}</w:tbl>`;
  };
  const inner = table(["n1", "n2"].map(paragraph), ["n3", "n4"].map(paragraph));
  const outer = table(
    [paragraph("Key"), paragraph("First") + paragraph("Second")],
    [paragraph("In"), `${paragraph("before")}${inner}${paragraph("after")}`],
  );
  const lines = outline(await parseBytes("cells.docx", makeDocx(outer)));
  expect(lines).toEqual(["table: Key | First Second\nIn | before n1 n2 n3 n4 after"]);
});

describe("slides", () => {
  test("of PowerPoint are pages, with their titles as headings, lists and tables", async () => {
    const bullets = await parseFixture("documents/bullets.pptx");
    expect(bullets.pages.map(({ number }) => number)).toEqual([1]);
    expect(outline(bullets).slice(0, 2)).toEqual([
      "heading1: Adding a Bullet Slide",
      "list: - Find the bullet slide layout\n  - Use _TextFrame.text for first bullet\n    - Use _TextFrame.add_paragraph() for subsequent bullets",
    ]);
    const table = await parseFixture("documents/table.pptx");
    expect(outline(table).find((line) => line.startsWith("table"))).toMatch(/^table: .+ \| .+\n.+ \| /);
  });

  test("of PowerPoint have their notes after them", async () => {
    const parsed = await parseFixture("documents/notes.pptx");
    expect(pageText(parsed, 1)).toMatch(/in italic green\s+I am the notes of the first slide\s*$/);
    expect(pageText(parsed, 2)).toMatch(/They’re fun, aren’t they\?[\s\S]*These are the notes of the 2nd slide/);
  });

  test("of OpenDocument are pages, with their notes", async () => {
    expect(outline(await parseFixture("documents/beehive.odp"))).toEqual([
      "heading1: This is",
      "paragraph: An example Impress file",
    ]);
    const notes = `<presentation:notes><draw:frame><draw:text-box><text:p>Speak slowly</text:p></draw:text-box></draw:frame></presentation:notes>`;
    const slide = (name: string, text: string, after = "") =>
      `<draw:page draw:name="${name}"><draw:frame><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame>${after}</draw:page>`;
    const bytes = makeOpenDocument("presentation", slide("one", "First things") + slide("two", "Then the rest", notes));
    const parsed = await parseBytes("talk.odp", bytes);
    expect(parsed.pages).toHaveLength(2);
    expect(pageText(parsed, 2)).toMatch(/Then the rest\s+Speak slowly/);
  });
});

describe("texts", () => {
  test("of OpenDocument give paragraphs and tables", async () => {
    const parsed = await parseFixture("documents/table.odt");
    expect(outline(parsed)).toEqual([
      "paragraph: Lorem ipsum dolor sit amet.",
      "table: Header row | Mon | Wed | Fri\nColor | Blue | Red | Green\nTime | 1pm | 2pm | 3pm\nLeader | Sarah | Mark | Ryan",
    ]);
  });

  test("of RTF give headings and tables, in whatever code page they were written", async () => {
    const lines = outline(await parseFixture("documents/table.rtf"));
    expect(lines).toContain("heading2: My First Heading");
    expect(lines.at(-1)).toBe(
      "table: Column 1 | Column 2\nRow 1, Cell 1 | Row 1, Cell 2\nRow 2, Cell 1 | Row 2, Cell 2",
    );
    expect((await parseFixture("documents/japanese.rtf")).text).toContain("こんにちは");
  });

  test("of RTF keep their dashes and special blanks, and what is not text stays out", async () => {
    const rtf = String.raw`{\rtf1\ansi 1939\endash 1945\emdash it ended. \bullet A\~B\_C \\~ soft\-hyphen{\*\data \bin7 \emdash}.\par}`;
    const parsed = await parseBytes("dashes.rtf", rtf);
    expect(parsed.text).toBe("1939–1945—it ended. •A B‑C \\~ softhyphen.");
  });
});

describe("what cannot be read", () => {
  test.each(["password.pptx", "password.odt"])("%s asks for its password to be taken off", async (name) => {
    expect(await refuse(parseFixture(`documents/${name}`))).toBe("file_encrypted");
  });

  test("an archive that unpacks to far more than a document is refused before it is unpacked", async () => {
    const bomb = makeZip([
      { name: "mimetype", data: "application/epub+zip" },
      { name: "a.xhtml", data: Buffer.alloc(60 * 1024 * 1024) },
    ]);
    expect(await refuse(parseBytes("bomb.epub", bomb))).toBe("file_too_complex");
  });

  test("an archive cut in the middle, and one that holds nothing", async () => {
    const whole = makeOpenDocument("text", "<text:p>Some words.</text:p>");
    expect(await refuse(parseBytes("cut.odt", whole.subarray(0, whole.length - 30)))).toBe("file_corrupt");
    expect(await refuse(parseBytes("nothing.odt", makeOpenDocument("text", "<text:p/>")))).toBe("text_missing");
  });
});
