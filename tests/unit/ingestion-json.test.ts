import { describe, expect, test } from "vitest";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { parseJson } from "#lib/ingestion/parsers/parse-json.ts";
import { outline, parseBytes, parseFixture } from "./parse-fixture.ts";

/** Without a process for each text. */
const parseHere = (text: string) =>
  parseJson("document")({ bytes: Buffer.from(text), fileName: "a.json" }, { maxPages: 1, maxCharacters: 1000 });

describe("JSON", () => {
  test("is lines of paths and values, in the order and the letters of the file", async () => {
    const json = `{"10": 1, "2": {"tags": ["a", "b"], "size": 2.50000000000000000001, "none": null, "e": {}, "l": [], "s": ""},
      "big": 12345678901234567890123, "text": "two\\nlines \\u00e4", "half": "\\ud83d", "10": true}`;
    const { text, title } = await parseBytes("order.json", json);
    expect(text).toBe(
      '10: 1\n2.tags: a, b\n2.size: 2.50000000000000000001\n2.none: null\n2.e: {}\n2.l: []\n2.s: ""\n' +
        "big: 12345678901234567890123\ntext: two\nlines ä\nhalf: \ufffd\n10: true",
    );
    expect(title).toBeNull();
  });

  test("is cited by its keys, small ones together", async () => {
    const long = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`package-${index}`, `1.${index}.0`]));
    const json = { name: "thing", version: "1", dependencies: long, scripts: { build: "tsc" }, license: "MIT" };
    const parsed = await parseBytes("package.json", JSON.stringify(json, null, 2));
    expect(outline(parsed).map((line) => line.slice(0, 60))).toEqual([
      "heading1: name, version",
      "form: name: thing\nversion: 1",
      "heading1: dependencies",
      "form: dependencies.package-0: 1.0.0\ndependencies.package-1: ",
      "heading1: scripts, license",
      "form: scripts.build: tsc\nlicense: MIT",
    ]);
  });

  test("is cited by the numbers of its records, whole ones in a passage", async () => {
    const records = Array.from({ length: 500 }, (_, index) => ({ id: index, at: { city: "Rome" }, tags: ["x", "y"] }));
    for (const [json, name, offset] of [
      [records, /^Record \d+ to Record \d+$/, 1],
      [{ items: records }, /^items\[\d+\] to items\[\d+\]$/, 0],
    ] as const) {
      const parsed = await parseBytes("records.json", JSON.stringify(json));
      const chunks = await chunkDocument(parsed, { chunkTokens: 400, chunkOverlapTokens: 0 });
      expect(chunks.length).toBeLessThan(90);
      for (const { content, headingPath } of chunks) {
        expect(content).toMatch(/^(items\[\d+\]\.)?id: \d+\n[\s\S]*tags: x, y$/);
        const [heading = ""] = headingPath;
        const [from = 0, to = from] = heading.match(/\d+/g)?.map((number) => Number(number) - offset) ?? [];
        expect(heading).toMatch(name);
        const ids = Array.from(content.matchAll(/id: (\d+)/g), ([, id]) => Number(id));
        expect(ids.every((id) => from <= id && id <= to)).toBe(true);
      }
    }
  });

  test("may be rows of plain values, long or in each other", async () => {
    const numbers = Array.from({ length: 60 }, (_, index) => index * 1000);
    const { text } = await parseBytes(
      "rows.json",
      JSON.stringify({ a: [[1, 2], [3]], n: numbers, m: [1, { x: 2 }, 3] }),
    );
    const lines = text.split("\n").filter(Boolean);
    expect(lines.slice(0, 2)).toEqual(["a[0]: 1, 2", "a[1]: 3"]);
    expect(lines[2]).toMatch(/^n\[0\]: 0, 1000, 2000, .*, 29000$/);
    expect(lines[3]).toMatch(/^n\[30\]: 30000, /);
    expect(lines.slice(-3)).toEqual(["m[0]: 1", "m[1].x: 2", "m[2]: 3"]);
    expect((await parseBytes("values.json", '["a", 1, false]')).text).toBe("a, 1, false");
    expect((await parseBytes("value.json", ' "a word" ')).text).toBe("a word");
  });

  const broken = [
    '{"a":1,}',
    '{"a":1',
    "[1,2",
    "{a:1}",
    "// x\n[1]",
    "[1]]",
    "NaN",
    "'a'",
    "   ",
    '{"a":1}\n{"b":',
    "1\n2",
  ];
  test.each(broken)("that is broken is damaged: %j", async (text) => {
    await expect(parseHere(text)).rejects.toMatchObject({ code: "file_corrupt" });
  });

  test.each(["{}", "[]", '""', " [ ] "])("without a value has no text: %s", async (text) => {
    await expect(parseHere(text)).rejects.toMatchObject({ code: "text_missing" });
  });
});

describe("JSON Lines", () => {
  test("are cited by their numbers", async () => {
    const parsed = await parseFixture("documents/records.ndjson");
    expect(outline(parsed).filter((line) => line.startsWith("heading"))).toEqual([
      "heading1: Line 1 to Line 2",
      "heading1: Line 3 to Line 4",
      "heading1: Line 5",
      "heading1: Line 6",
      "heading1: Line 7 to Line 8",
    ]);
    expect(parsed.text).toContain("text: This is my third thought.");
    expect(parsed.warnings).toEqual([]);
  });

  test("may be broken in places, which a warning names", async () => {
    const parsed = await parseBytes("logs.jsonl", '{"a":1}\r\n\n{"a":\n{"a":3}\nnull,\n{"a":[4]}\n');
    expect(outline(parsed)).toEqual(["heading1: Line 1 to Line 6", "form: a: 1\na: 3\na: 4"]);
    expect(parsed.warnings).toEqual([
      { code: "file_recovered", message: "Lines 3, 5 are not valid JSON and were left out." },
    ]);
    const [warning] = (await parseBytes("cut.jsonl", '{"a":1}\n{"b')).warnings;
    expect(warning?.message).toBe("Line 2 is not valid JSON and was left out.");
  });

  test("that are all broken are damaged", async () => {
    await expect(parseBytes("broken.jsonl", '{"a"\n{"b"\n')).rejects.toMatchObject({ code: "file_corrupt" });
  });

  test("are known by their content where they are named JSON, and JSON where it is named JSON Lines", async () => {
    expect(outline(await parseBytes("export.json", '{"a":1}\n{"a":2}\n'))).toEqual([
      "heading1: Line 1 to Line 2",
      "form: a: 1\na: 2",
    ]);
    const pretty = await parseBytes("pretty.jsonl", JSON.stringify({ a: { b: 1 } }, null, 2));
    expect([pretty.text, pretty.warnings]).toEqual(["a.b: 1", []]);
  });
});

describe("JSON that somebody made to do harm", () => {
  test("may be 100,000 levels deep", async () => {
    const deep = 100_000;
    const arrays = await parseBytes("arrays.json", `${"[".repeat(deep)}7${"]".repeat(deep)}`);
    expect(arrays.text).toMatch(/^…(\[0\])+: 7$/);
    const objects = await parseBytes("objects.json", `${'{"key":'.repeat(deep)}7${"}".repeat(deep)}`);
    expect(objects.text).toMatch(/^…(key\.)+key: 7$/);
    expect(objects.text.length).toBeLessThan(300);
    const open = parseBytes("open.json", '[{"":'.repeat(deep));
    await expect(open).rejects.toMatchObject({ code: "file_corrupt" });
  });

  test("may have values on each of its levels", async () => {
    const { text } = await parseBytes("levels.json", `${'{"v":1,"key":'.repeat(20_000)}7${"}".repeat(20_000)}`);
    expect(text.split("\n").filter(Boolean)).toHaveLength(20_001);
  });

  test("may be one line of 20 MB, or a number of as many digits", async () => {
    const line = JSON.stringify({ text: 'a "word" '.repeat(2_000_000), end: 1 });
    expect((await parseBytes("line.json", line)).text.endsWith('"word"\n\nend: 1')).toBe(true);
    const digits = "9".repeat(20_000_000);
    expect((await parseBytes("number.json", `[${digits}]`)).text === digits).toBe(true);
  });
});
