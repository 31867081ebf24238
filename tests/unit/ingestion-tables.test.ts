import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { outline, parseBytes, parseFixture } from "./parse-fixture.ts";

const rowsOf = async (name: string, text: string | Buffer) => (await parseBytes(name, text)).text.split("\n");

describe("rows of values", () => {
  test("are read in whatever encoding, a line a row", async () => {
    expect(outline(await parseFixture("documents/utf-16.csv"))).toEqual([
      "table: Stanley Cups\nTeam | Location | Stanley Cups\nBlues | STL | 1\nFlyers | PHI | 2\nMaple Leafs | TOR | 13",
    ]);
    const guessed = await parseFixture("documents/shift-jis.csv");
    expect(guessed.text).toBe("名前 | 年齢 | 住所\n佐藤太郎 | 30 | 東京\n三木英子 | 25 | 大阪\n髙橋淳 | 35 | 名古屋");
    expect(guessed.warnings).toMatchObject([{ code: "encoding_guessed" }]);
    expect(await rowsOf("mark.csv", iconv.encode("a,ä\n1,2", "utf-8", { addBOM: true }))).toEqual(["a | ä", "1 | 2"]);
  });

  test("are split at semicolons where commas and semicolons stand in values", async () => {
    const { text } = await parseFixture("documents/semicolons.csv");
    expect(text).toContain("Bender | Martin;Lang and Andrade | West Priscilla");
    expect(text).toMatch(/^Index \| Customer Id \| First Name/);
  });

  const delimited: [string, string, string, string[]][] = [
    ["semicolons, with commas in numbers", "a.csv", "a;b\n1,5;2,5\n3,5;4,5", ["a | b", "1,5 | 2,5", "3,5 | 4,5"]],
    ["semicolons, with commas in all numbers", "a.csv", "1,5;2,5\n3,5;4,5", ["1,5 | 2,5", "3,5 | 4,5"]],
    ["commas, with a semicolon in some values", "a.csv", "a,b\nx;y,1\nz,2", ["a | b", "x;y | 1", "z | 2"]],
    ["bars", "a.csv", "a|b\n1, or 2|3", ["a | b", "1, or 2 | 3"]],
    ["tabs, whatever the name", "a.csv", "a\tb, c\n1\t2", ["a | b, c", "1 | 2"]],
    ["tabs, as the name says", "a.tsv", "a, b\tc\nd, e\n", ["a, b | c", "d, e"]],
    ["what its first line tells", "a.csv", "sep=|\na|b;c\n1|2;3", ["a | b;c", "1 | 2;3"]],
    ["nothing", "a.csv", "name\nAda\nBob", ["name", "Ada", "Bob"]],
  ];
  test.each(delimited)("are split at %s", async (_name, fileName, text, rows) => {
    expect(await rowsOf(fileName, text)).toEqual(rows);
  });

  test("are whole, whatever is in their values", async () => {
    const text = 'a,b,c\r\n"Once\r\nupon","says ""hi""",\r\n,,\r\n1,,3\r2,"a,b"';
    expect(await rowsOf("quotes.csv", text)).toEqual(["a | b | c", 'Once upon | says "hi"', "1 | | 3", "2 | a,b"]);
  });

  test("may have fewer values than others, and empty lines between them", async () => {
    const { text, blocks } = await parseBytes("ragged.csv", "1,2,3,4\na,'b',c,d\n\na,b,c,d\na,b,c\n");
    expect(blocks.map(({ kind }) => kind)).toEqual(["table"]);
    expect(text).toBe("1 | 2 | 3 | 4\na | 'b' | c | d\na | b | c | d\na | b | c");
  });

  test("are of another table after an empty line, when they have another width", async () => {
    expect(
      outline(await parseBytes("two.csv", "Report of May\n\nItem,Price\nPen,1\n\nCity,Country,Area\nRome,Italy,9")),
    ).toEqual([
      "paragraph: Report of May",
      "table: Item | Price\nPen | 1",
      "table: City | Country | Area\nRome | Italy | 9",
    ]);
  });

  test("stand in passages of whole rows under the names of their columns", async () => {
    const rows = Array.from({ length: 600 }, (_, index) => `Article ${index},${index}.50,"North, East"\n`).join("");
    const parsed = await parseBytes("prices.csv", `Item,Price,Store\n${rows}`);
    expect(parsed.title).toBeNull();
    const [first, ...others] = await chunkDocument(parsed, { chunkTokens: 200, chunkOverlapTokens: 30 });
    expect(first?.content).toMatch(/^Item \| Price \| Store\nArticle 0 \| 0\.50 \| North, East\n/);
    const named = others.filter(({ headingPath }) => headingPath.join() === "Item | Price | Store");
    expect(named.length).toBeGreaterThan(others.length - 3);
    const lines = others.flatMap(({ content }) => content.split(/\n+/));
    for (const line of lines) expect(line).toMatch(/^Article (\d+) \| \1\.50 \| North, East$/);
  });

  test("have no row of values for their columns' names, though these are too long to be shown as a whole", async () => {
    const months = Array.from({ length: 24 }, (_, index) => `Turnover of month ${index + 1}`);
    const rows = Array.from(
      { length: 60 },
      (_, row) => `Lamp ${row},${months.map((_, index) => row * index).join()}\n`,
    );
    const chunks = await chunkDocument(await parseBytes("wide.csv", `Product,${months.join()}\n${rows.join("")}`), {
      chunkTokens: 400,
      chunkOverlapTokens: 50,
    });
    expect(chunks.some(({ tableHead }) => tableHead?.startsWith("Lamp"))).toBe(false);
    const [heading = ""] = chunks.at(-1)?.headingPath ?? [];
    expect(heading).toMatch(/^Product \| Turnover of month 1 \| .*Turnover of month \d+$/);
  });
});

describe("rows that somebody made to do harm", () => {
  test("are read on after a quotation mark that is never closed, with a warning", async () => {
    const { text, warnings } = await parseBytes("open.csv", `a,b\n"x\ny",1\n"Once,2\n${"3,4\n".repeat(300_000)}`);
    expect(text.slice(0, 40)).toBe('a | b\nx y | 1\n"Once | 2\n3 | 4\n3 | 4\n3 | ');
    expect(warnings).toEqual([
      {
        code: "file_recovered",
        message: "A quotation mark in row 3 is never closed; from there on such marks were read as letters.",
      },
    ]);
  });

  test("may all open one", async () => {
    const { text, warnings } = await parseBytes("all-open.csv", '"a,b\n'.repeat(100_000));
    expect(text.startsWith('"a | b\n"a | b\n')).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  test("may have 200,000 columns", async () => {
    const row = (write: (index: number) => string) =>
      Array.from({ length: 200_000 }, (_, index) => write(index)).join();
    const { text } = await parseBytes("wide.csv", `${row((index) => `c${index}`)}\n${row(String)}\n`);
    const [header, values] = text.split(/\n+/);
    expect(header).toMatch(/^c0 \| c1 \| .* \| c199999$/);
    expect(values).toMatch(/^0 \| 1 \| .* \| 199999$/);
  });

  test("may hold 40 MB in one value", async () => {
    const { text } = await parseBytes("large.csv", `a,b\n1,"${"word ".repeat(8_000_000)}"\n2,end\n`);
    expect(text.length).toBeGreaterThan(40_000_000 - 10);
    expect(text.endsWith("word\n2 | end")).toBe(true);
  }, 30_000);

  test("may be nothing but delimiters", async () => {
    await expect(parseBytes("empty.csv", ",".repeat(1_000_000))).rejects.toMatchObject({ code: "text_missing" });
  });
});
