import { describe, expect, test } from "vitest";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { nameLine } from "#lib/ingestion/parsers/name-line.ts";
import { findLanguage } from "#lib/ingestion/source-languages.ts";
import { outline, parseBytes } from "./parse-fixture.ts";

const headings = (lines: string[]) => lines.filter((line) => line.startsWith("heading"));
const body = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

describe("source code", () => {
  test("is kept as it is written", async () => {
    const code = [
      "import a from 'a';",
      "const b = 1;",
      "",
      "/** Says so. */",
      "export function say(words: string): void {",
      `${body(40, (index) => `  console.log(words,   ${index}); // \t said`)}`,
      "",
      "  return;",
      "}",
      "class Small {}",
      "",
      "\tindented();",
    ].join("\n");
    for (const written of [code, code.replaceAll("\n", "\r\n")]) {
      const { text, blocks } = await parseBytes("a.ts", written);
      expect(text).toBe(code);
      expect(new Set(blocks.map(({ kind }) => kind))).toEqual(new Set(["heading", "code"]));
    }
  });

  test("is cut into whole functions, which are cited by their names", async () => {
    const one = (name: string, lines: number) =>
      `def ${name}(x):\n    """Doc."""\n\n${body(lines, (index) => `    remember_the_total(of_value, ${index})`)}\n    return x\n\n\n`;
    const parsed = await parseBytes(
      "a.py",
      `import os\n\n${one("first", 24)}@cached\n${one("second", 24)}${one("a", 2)}${one("b", 2)}`,
    );
    const chunks = await chunkDocument(parsed, { chunkTokens: 400, chunkOverlapTokens: 50 });
    expect(chunks.map(({ headingPath }) => headingPath.join(" > "))).toEqual(["", "first", "second", "a, b"]);
    expect(chunks[2]?.content).toMatch(/^@cached\ndef second[\s\S]*return x$/);
    for (const { content, charFrom, charTo } of chunks) expect(parsed.text.slice(charFrom, charTo)).toBe(content);
  });

  test("cites what is in a class by both names", async () => {
    const method = (name: string) =>
      `  @Override\n  public int ${name}(int a,\n      int b) {\n${body(50, (index) => `    a += ${index};`)}\n    return a;\n  }\n\n`;
    const code = `package x;\n\n/** Doc. */\npublic class Sum<T> extends Base {\n  private int a;\n\n${method("plus")}${method("minus")}}\n`;
    const lines = outline(await parseBytes("Sum.java", code));
    expect(headings(lines)).toEqual(["heading1: Sum", "heading2: plus", "heading2: minus"]);
    expect(lines.find((line) => line.includes("int minus"))).toMatch(
      /^code: {3}@Override\n[\s\S]*return a;\n {2}}\n\n}$/,
    );
  });

  test("cites no code by the name of what stands above it", async () => {
    const long = body(60, (index) => `  log(${index}, "some words");`);
    const lines = outline(
      await parseBytes("a.js", `function a() {\n${long}\n}\n\ndescribe("b", () => {\n${long}\n});\n\nrun(1);\n`),
    );
    expect(headings(lines)).toEqual(["heading1: a", 'heading1: describe("b", () => {', "heading1: run(1);"]);
  });

  test("of SQL is cut between statements, not in the body of a function", async () => {
    const inserts = body(30, (index) => `  insert into log values (${index}, 'some words of it');\n`);
    const code = `create table a (\n  id int\n);\ncreate or replace function public.f() returns void language sql as $$\nbegin\n${inserts}\nend;\n$$;\n\ncreate index b on a (id);\n`;
    const lines = outline(await parseBytes("a.sql", code));
    expect(headings(lines)).toEqual(["heading1: a", "heading1: public.f", "heading1: b"]);
    expect(lines.at(-1)).toBe("code: create index b on a (id);");
  });

  test("of settings is cut between sections", async () => {
    const keys = body(50, (index) => `key-${index} = "some words"`);
    expect(headings(outline(await parseBytes("a.toml", `[one]\n${keys}\n[two.three]\n${keys}\n`)))).toEqual([
      "heading1: one",
      "heading1: two.three",
    ]);
    const steps = body(60, (index) => `      - run: step ${index}`);
    const jobs = `name: ci\njobs:\n  test:\n    steps:\n${steps}\n  build:\n    steps:\n${steps}\n`;
    expect(headings(outline(await parseBytes("a.yaml", jobs)))).toEqual([
      "heading1: jobs",
      "heading2: test",
      "heading3: steps",
      "heading2: build",
      "heading3: steps",
    ]);
  });

  const declared: [string, string, string][] = [
    ["a.ts", "export default async function readTitle<T>(raw: string) {", "readTitle"],
    ["a.ts", "export const pool = createPool();", "pool"],
    ["a.tsx", "export interface Props extends Base {", "Props"],
    ["a.js", "module.exports = {", "module.exports"],
    ["a.py", "async def read_title(raw):", "read_title"],
    ["a.go", "func (c *Client) Run(x int) error {", "Run"],
    ["a.go", "type Client struct {", "Client"],
    ["a.rs", "pub(crate) fn read<T>(x: T) -> T {", "read"],
    ["a.rs", "impl<T> Display for Title<T> {", "Display for Title<T>"],
    ["a.kt", "private suspend fun <T> load(): T {", "load"],
    ["a.cs", "public static async Task<List<int>> Load(int a)", "Load"],
    ["a.c", "static int *read_title(const char *raw)", "read_title"],
    ["a.cpp", "std::string Title::read(int a) const {", "Title::read"],
    ["a.rb", "def self.valid?(x)", "self.valid?"],
    ["a.php", "final class Title extends Base", "Title"],
    ["a.swift", "public func read(_ raw: String) -> Title {", "read"],
    ["a.scala", "case class Title(raw: String)", "Title"],
    ["a.sh", "read_title() {", "read_title"],
    ["a.sql", 'CREATE TABLE IF NOT EXISTS public."Titles" (', 'public."Titles"'],
    ["a.css", ".title > a:hover {", ".title > a:hover"],
    ["a.ini", "[server]", "server"],
    ["a.tf", 'resource "aws_instance" "web" {', 'resource "aws_instance" "web"'],
  ];
  test.each(declared)("of %s is named by %j", (fileName, line, name) => {
    expect(nameLine(line, findLanguage(fileName.split(".")[1] ?? ""), false)?.name).toBe(name);
  });

  test.each(["if (x) {", "return foo(x)", "for (const a of b) {", "// class A", "foo(bar);"])(
    "declares nothing by %j",
    (line) => {
      for (const ending of ["ts", "c", "py", "java"])
        expect(nameLine(line, findLanguage(ending), false)).toBeUndefined();
    },
  );
});

describe("source code that somebody made to do harm", () => {
  test.each([
    ["one line of 20 MB", "min.js", "function a(){return 1};".repeat(900_000)],
    ["nothing but empty lines, nearly", "blank.py", `${"\n".repeat(5_000_000)}x = 1`],
    ["a million declarations", "many.ts", "const a = 1;\n".repeat(1_000_000)],
    ["a staircase", "stairs.py", body(3_000, (index) => `${" ".repeat(index)}x:`)],
    ["a comment that does not end", "open.c", "/*\n".repeat(1_000_000)],
    ["lines that patterns are slow on", "slow.c", `${"a ".repeat(99)}\n${"impl<".repeat(40)}\n`.repeat(20_000)],
    ["a blank of 20 MB", "blank.c", `x${" ".repeat(20_000_000)}y`],
  ])("may be %s", async (_name, fileName, code) => {
    const { text } = await parseBytes(fileName, code);
    expect(text.length).toBeGreaterThan(4);
  });
});
