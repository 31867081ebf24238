import { describe, expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { makeOpenDocument, makeXlsx, writeRow } from "./make-office.ts";
import { outline, parseBytes, parseFixture } from "./parse-fixture.ts";

const rows = (count: number, write: (index: number) => string[]) =>
  Array.from({ length: count }, (_, index) => writeRow(index + 2, ...write(index))).join("");

describe("a workbook", () => {
  test("gives a page for each sheet, under its name, a line a row", async () => {
    const parsed = await parseFixture("documents/workbook.xlsx");
    expect(parsed.pages.map(({ number, label }) => [number, label])).toEqual([
      [1, "Stanley Cups"],
      [2, "Stanley Cups Since 67"],
    ]);
    expect(outline(parsed)).toEqual([
      "heading1: Stanley Cups",
      "table: Stanley Cups\nTeam | Location | Stanley Cups\nBlues | STL | 1\nFlyers | PHI | 2\nMaple Leafs | TOR | 13",
      "heading1: Stanley Cups Since 67",
      "table: Stanley Cups Since 67\nTeam | Location | Stanley Cups\nBlues | STL | 1\nFlyers | PHI | 2\nMaple Leafs | TOR | 0",
    ]);
    // It goes by its file's name: no sheet speaks for the others.
    expect(parsed.title).toBeNull();
  });

  test("gives dates as dates and letters of any script as they are", async () => {
    expect(outline(await parseFixture("documents/dates.xlsx"))).toEqual([
      "heading1: Munka1",
      "table: date\n2018-09-20\n1996-08-10",
    ]);
    expect((await parseFixture("documents/emoji.xlsx")).text).toContain("🤠😅");
  });

  test("gives numbers as they are shown", async () => {
    const formats = ["0%", "#,##0.00", "d mmm yyyy", "[h]:mm", "&quot;EUR&quot; 0.0", "no such [format"];
    const values: [number | string, style: number][] = [
      [0.256, 1],
      [1234567.891, 2],
      [43831.75, 3],
      [1.5, 4],
      [12.34, 5],
      [7, 6],
      [0.1 + 0.2, 0],
      [123456789012, 0],
      ["1e9999", 0],
    ];
    const cells = values.map(([value, style]) => `<c s="${style}"><v>${value}</v></c>`).join("");
    const row = `<row r="1">${cells}</row>`;
    const parsed = await parseBytes("numbers.xlsx", makeXlsx({ sheets: { a: row }, formats }));
    expect(parsed.text).toBe(
      "a\n\n26% | 1,234,567.89 | 1 Jan 2020 | 36:00 | EUR 12.3 | 7 | 0.3 | 123456789012 | 1e9999",
    );
    const mac = await parseBytes("mac.xlsx", makeXlsx({ sheets: { a: row }, formats, from1904: true }));
    expect(mac.text).toContain("2 Jan 2024");
  });

  test("gives every kind of cell, wherever it says or does not say that it is", async () => {
    const strings = [
      "<r><t>two </t></r><r><t>runs</t></r><rPh><t>never spoken</t></rPh>",
      "<t>a_x0041_b &amp; &#128512;</t>",
    ];
    const row = [
      '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>9</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>',
      '<row><c r="C2" t="str"><f>A1&amp;"x"</f><v>of a formula</v></c><c t="d"><v>2020-01-02</v></c><c><f>A1</f></c></row>',
      '<row r="9"><c r="XFD9"><v>5</v></c></row>',
    ];
    const parsed = await parseBytes("cells.xlsx", makeXlsx({ sheets: { "R &amp; D": row.join("") }, strings }));
    expect(outline(parsed)).toEqual([
      "heading1: R & D",
      "table: two runs | aAb & 😀 | | TRUE | #N/A\n| | of a formula | 2020-01-02",
      "paragraph: | | | | | 5",
    ]);
  });

  test("keeps rows whole and their columns' names in sight in every passage of a long table", async () => {
    const header = writeRow(1, "Item", "Price", "Store");
    const table = header + rows(600, (index) => [`Article ${index}`, `${index}.50`, index % 7 === 0 ? "" : "North"]);
    const parsed = await parseBytes(
      "prices.xlsx",
      makeXlsx({ sheets: { Prices: table, Notes: writeRow(1, "Checked") } }),
    );
    const chunks = await chunkDocument(parsed, { chunkTokens: 200, chunkOverlapTokens: 30 });
    expect(chunks.length).toBeGreaterThan(20);
    const ofTable = chunks.filter(({ pageFrom }) => pageFrom === 1);
    expect(ofTable[0]?.content).toMatch(/^Prices\n\nItem \| Price \| Store\nArticle 0 \| 0\.50\nArticle 1 \|/);
    const named = ofTable.filter(({ headingPath }) => headingPath.join(" > ") === "Prices > Item | Price | Store");
    expect(named.length).toBeGreaterThan(ofTable.length - 4);
    const lines = ofTable.flatMap(({ content }) => content.split("\n")).filter((line) => line.includes("Article"));
    for (const line of lines) expect(line).toMatch(/^Article (\d+) \| \1\.50( \| North)?$/);
    expect(new Set(lines).size).toBe(600);
    expect(chunks.at(-1)).toMatchObject({
      content: expect.stringContaining("Checked"),
      headingPath: ["Notes"],
      pageFrom: 2,
    });
  });

  test("has the names of its columns under a title and under what groups them", async () => {
    const head = [["Report of May"], ["", "", "Q1", "", "Q2"], ["Region", "Owner", "Plan", "Actual", "Goal", "Result"]];
    const data = Array.from({ length: 80 }, (_, index) => [`Harbour ${index}`, "Ada", "1", "2", "3", "4"]);
    const sheet = [...head, ...data].map((texts, index) => writeRow(index + 1, ...texts)).join("");
    const chunks = await chunkDocument(await parseBytes("groups.xlsx", makeXlsx({ sheets: { S: sheet } })), {
      chunkTokens: 200,
      chunkOverlapTokens: 30,
    });
    const names = "Region | Owner | Plan | Actual | Goal | Result";
    expect(chunks.at(-1)?.headingPath).toEqual(["S", names]);
  });

  test("may hold several tables in one sheet, each with columns of its own", async () => {
    const long = (from: number) =>
      Array.from({ length: 100 }, (_, index) => writeRow(from + index, `Article ${index}`, `${index}`)).join("");
    const sheet =
      writeRow(1, "Item", "2024") +
      long(2) +
      writeRow(200, "City", "Country") +
      long(201) +
      writeRow(400, "9", "7") +
      long(401);
    const parsed = await parseBytes("tables.xlsx", makeXlsx({ sheets: { a: sheet } }));
    const headings = outline(parsed).filter((line) => line.startsWith("heading6"));
    expect(headings).toEqual(["heading6: Item | 2024", "heading6: City | Country", "heading6: City | Country"]);
  });

  test("gives the words of its text boxes", async () => {
    const rels = (target: string) =>
      `<Relationships><Relationship Id="d" Type="x/drawing" Target="${target}"/></Relationships>`;
    const bytes = makeXlsx({
      sheets: { a: "" },
      others: [
        { name: "xl/worksheets/_rels/sheet0.xml.rels", data: rels("../drawings/drawing1.xml") },
        {
          name: "xl/drawings/drawing1.xml",
          data: "<w><a:p><a:r><a:t>In a </a:t></a:r><a:r><a:t>box</a:t></a:r></a:p></w>",
        },
      ],
    });
    expect(outline(await parseBytes("box.xlsx", bytes))).toEqual(["heading1: a", "paragraph: In a box"]);
  });
});

describe("an OpenDocument spreadsheet", () => {
  const cell = (text: string, attributes = "") =>
    `<table:table-cell ${attributes}><text:p>${text}</text:p></table:table-cell>`;
  const row = (cells: string, attributes = "") => `<table:table-row ${attributes}>${cells}</table:table-row>`;
  const sheet = (name: string, content: string) => `<table:table table:name="${name}">${content}</table:table>`;

  test("gives a page for each sheet, under its name, a line a row", async () => {
    const parsed = await parseFixture("documents/sheets.ods");
    expect(parsed.pages.map(({ label }) => label)).toEqual(["First Sheet", "Sheet Number 2", "Sheet3"]);
    expect(outline(parsed)).toEqual([
      "heading1: First Sheet",
      "table: Test spreadsheet\n2nd row | 2nd row 2nd column",
      "paragraph: This one is red",
      "heading1: Sheet Number 2",
      "table: Start of 2nd sheet\nSheet 2 row 2",
      "paragraph: I'm in bold blue, on a yellow background",
      "table: cb=1 | cb=10 | cb=2 | cb=sum\n1 | 10 | 2 | 13",
    ]);
  });

  test("gives what is repeated as often as it is shown, and no empty cell for the million that are none", async () => {
    const rest = row(
      '<table:table-cell table:number-columns-repeated="16384"/>',
      'table:number-rows-repeated="1048570"',
    );
    const rows = [
      row(cell("Item") + cell("Price")),
      row(cell("Pen", 'table:number-columns-repeated="2"'), 'table:number-rows-repeated="2"'),
      rest,
      row(`<table:table-cell table:number-columns-repeated="16383"/>${cell("the last")}`),
    ];
    const parsed = await parseBytes("repeats.ods", makeOpenDocument("spreadsheet", sheet("Prices", rows.join(""))));
    expect(outline(parsed)).toEqual([
      "heading1: Prices",
      "table: Item | Price\nPen | Pen\nPen | Pen",
      "paragraph: | | the last",
    ]);
  });

  test("gives what is shown of a cell, without comments and what was deleted", async () => {
    const deleted = `<table:tracked-changes><table:deletion><text:p>deleted</text:p></table:deletion></table:tracked-changes>`;
    const shape = `<table:shapes><draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box></draw:frame></table:shapes>`;
    const cells = [
      cell("1,50&#160;€", 'office:value="1.5"'),
      `<table:table-cell><office:annotation><text:p>a comment</text:p></office:annotation><text:p>two <text:span>runs</text:span><text:s text:c="9"/>and</text:p><text:p>lines</text:p></table:table-cell>`,
      '<table:table-cell office:date-value="2020-01-02"/>',
    ];
    const body = deleted + sheet("a", shape + row(cells.join("")));
    expect(outline(await parseBytes("cells.ods", makeOpenDocument("spreadsheet", body)))).toEqual([
      "heading1: a",
      "paragraph: In a box",
      "table: 1,50 € | two runs and lines | 2020-01-02",
    ]);
  });
});

describe("a workbook is refused", () => {
  const refuse = async (parsing: Promise<unknown>) =>
    await parsing.then(
      () => "read",
      (thrown) => asFailure(thrown).code,
    );

  test("with a password, without text, without its parts", async () => {
    expect(await refuse(parseFixture("documents/password.xlsx"))).toBe("file_encrypted");
    expect(await refuse(parseFixture("documents/empty.xlsx"))).toBe("text_missing");
    const whole = makeXlsx({ sheets: { a: writeRow(1, "x") } });
    expect(await refuse(parseBytes("cut.xlsx", whole.subarray(0, whole.length - 40)))).toBe("file_corrupt");
    const broken = makeXlsx({ sheets: { a: "<row><c><v>5</v></c>" } });
    expect(await refuse(parseBytes("broken.xlsx", broken))).toBe("file_corrupt");
  });
});
