import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { makeDocx } from "./make-zip.ts";
import { fixtures, outline, parseBytes, parseFixture } from "./parse-fixture.ts";

test("every fixture has its origin, licence and hash in the README", () => {
  const readme = readFileSync(join(fixtures, "documents/README.md"), "utf8");
  const names = readdirSync(join(fixtures, "documents")).filter((name) => !/^(README\.md|\.git.*)$/.test(name));
  const unexplained = names.filter((name) => {
    const hash = createHash("sha256").update(readFileSync(join(fixtures, "documents", name)));
    return !readme.includes(`| \`${name}\` |`) || !readme.includes(hash.digest("hex"));
  });
  expect(unexplained).toEqual([]);
});

describe("a Word document", () => {
  test("gives headings, lists, tables and its title", async () => {
    const parsed = await parseFixture("samples/skua-3-service-guide.docx");
    expect(parsed.title).toBe("Skua 3 installation and service guide");
    const lines = outline(parsed);
    expect(lines).toContain("heading1: Maintenance");
    expect(lines).toContain("heading2: Calibration");
    expect(lines.find((line) => line.startsWith("list"))).toMatch(
      /^list: 1\. Set the mast.*\n2\. Slide.*\n3\. Connect/,
    );
    expect(lines.find((line) => line.startsWith("table"))).toMatch(
      /^table: Quantity \| Range \| Accuracy\nWind speed \|/,
    );
  });

  test("gives its notes after the paragraph that refers to them", async () => {
    expect(outline(await parseFixture("documents/footnotes.docx"))).toEqual([
      "paragraph: Ouch.",
      "paragraph: A tachyon walks into a bar.",
      "paragraph: Fin.",
    ]);
  });

  test("of the strict kind, and with headings of any depth, is read", async () => {
    expect((await parseFixture("documents/strict.docx")).text).toBe("Some text");
    expect(outline(await parseFixture("documents/headings.docx"))).toContain("heading3: Section 1.2.3");
  });

  test("that names a file of ours gets nothing of it", async () => {
    const entity = '<!DOCTYPE x [<!ENTITY own SYSTEM "file:///etc/passwd">]>';
    const docx = makeDocx("<w:p><w:r><w:t>before &own; after</w:t></w:r></w:p>");
    const hostile = makeDocx(`<w:p><w:r><w:t>before after</w:t></w:r></w:p>`, [
      { name: "../../evil.txt", data: entity },
    ]);
    expect((await parseBytes("entity.docx", docx)).text).not.toContain("root:");
    expect((await parseBytes("path.docx", hostile)).text).toBe("before after");
  });
});

describe("HTML", () => {
  test("gives what it is about, without its navigation and other furniture", async () => {
    const parsed = await parseFixture("samples/visiting-tarn-bay.html");
    expect(parsed.title).toBe("Visiting us in Tarn Bay");
    expect(outline(parsed)).toContain("heading3: By car");
    expect(parsed.text).toContain("please write to us two days ahead");
    expect(parsed.text).not.toMatch(/newsletter|Careers|Fishing Quay 1|classList|font-family/);
  });

  test("gives tables and nested lists as lines", async () => {
    const lines = outline(await parseFixture("documents/table-and-lists.html"));
    expect(lines).toContain(
      "list: 1. First item in ordered list\n  1. Nested ordered item 1\n  2. Nested ordered item 2\n2. Second item in ordered list",
    );
    expect(lines.at(-1)).toMatch(/^table: Header 1 \| Header 2 \| Header 3\nRow 1, Col 1 \| Row 1, Col 2/);
  });

  test("that is nothing but furniture is kept", async () => {
    const { text } = await parseBytes("nav.html", "<!doctype html><nav><p>All there is stands in here.</p></nav>");
    expect(text).toBe("All there is stands in here.");
  });

  test("laid out by tables is read as paragraphs, and hidden text is not read", async () => {
    const page =
      "<table><tr><td><h1>Title</h1><p>One.</p></td><td><table><tr><td>a<td>b</table></td></tr></table><p hidden>Secret.</p>";
    expect(outline(await parseBytes("layout.html", `<!doctype html>${page}`))).toEqual([
      "heading1: Title",
      "paragraph: One.",
      "table: a | b",
    ]);
  });

  test("is read in the encoding that it declares, and in UTF-16", async () => {
    const page = Buffer.concat([
      Buffer.from('<!doctype html><meta charset="iso-8859-2"><p>'),
      Buffer.from([0xb3, 0xf3, 0x64, 0xbc]),
    ]);
    expect(await parseBytes("declared.html", page)).toMatchObject({ text: "łódź", warnings: [] });
    expect((await parseFixture("documents/utf-16.html")).text).toBe("This is a sample text");
    expect((await parseFixture("documents/windows-1252.html")).text).toContain("Die schöne Frau hat einen Kaffee");
  });
});

describe("Markdown", () => {
  test("gives headings, lists, tables and front matter, without its marks", async () => {
    const parsed = await parseFixture("samples/support-runbook.md");
    expect(parsed.title).toBe("Support runbook");
    const lines = outline(parsed);
    expect(lines[0]).toBe("form: title: Support runbook\nowner: customer support\nrevised: 2026-02-17");
    expect(lines).toContain("heading2: A station stops sending data");
    expect(lines).toContain("paragraph: Never ask a customer to climb the mast.");
    expect(lines.find((line) => line.startsWith("table"))).toMatch(
      /^table: Severity \| Meaning \| First answer within\n1 \| A whole/,
    );
    expect(parsed.text).toContain("- post in the channel #sky-is-falling who leads the incident,");
  });

  test("keeps code as it stands, and reads quotes", async () => {
    const lines = outline(await parseFixture("documents/code-and-quotes.md"));
    expect(lines).toContain('code: fn main() {\n    println!("Hello, world!");\n}');
    expect(lines.find((line) => line.startsWith("quote"))).toMatch(
      /^quote: Note: This book assumes basic familiarity with the/,
    );
  });

  test("keeps the depth of lists within lists, and of code in them", async () => {
    const code = "def f(x):\n    if x:\n        return 1";
    const inItem = code.replaceAll(/^/gm, "   ");
    const list = `1. Define it:\n\n   ~~~py\n${inItem}\n   ~~~\n\n2. Then\n   - one\n     1. deep\n   - two\n3. End\n`;
    expect(outline(await parseBytes("steps.md", list))).toEqual([
      `list: 1. Define it:\n${code}\n2. Then\n  - one\n    1. deep\n  - two\n3. End`,
    ]);
    const quote = list.replaceAll(/^/gm, "> ");
    expect(outline(await parseBytes("quoted.md", quote))[0]).toContain(`${code}\n`);
    const nested = Array.from({ length: 500 }, (_, depth) => `${"  ".repeat(depth)}- item ${depth}`).join("\n");
    expect((await parseBytes("deep.md", nested)).text.length).toBeLessThan(500 * 40);
  });

  test("reads the HTML inside it, and takes a rule at its beginning for a rule", async () => {
    expect((await parseFixture("documents/html-inside.md")).text).toContain("Some paragraph.");
    expect(outline(await parseBytes("rule.md", "---\n\nWords, not fields.\n\n---\n"))).toEqual([
      "paragraph: Words, not fields.",
    ]);
  });
});

test("plain text gives a paragraph for each run of lines, in any encoding", async () => {
  const parsed = await parseFixture("samples/all-hands-notes.txt");
  expect(parsed.blocks).toHaveLength(7);
  expect((await parseFixture("documents/cp866.txt")).text).toMatch(/^Однажды, в студеную зимнюю пору,\n/);
  expect((await parseFixture("documents/utf-16.txt")).text).toContain("- Dogs are the best");
  expect((await parseFixture("documents/utf-32.txt")).text).toContain("- Dogs are the best");
  const old = await parseFixture("documents/windows-1252.txt");
  expect(old.text).toContain("this is a “windows” encoding");
  expect(old.warnings).toMatchObject([{ code: "encoding_guessed" }]);
});

describe("a file without anything to read ends with its reason:", () => {
  const cases: [string, string, string][] = [
    ["a PDF with a password", "password.pdf", "file_encrypted"],
    ["a PDF of images", "images-only.pdf", "text_missing"],
    ["a PDF cut in the middle", "truncated.pdf", "file_corrupt"],
    ["a PDF with a broken root", "corrupted.pdf", "file_corrupt"],
    ["an empty Word document", "empty.docx", "text_missing"],
    ["a Word document cut in the middle", "truncated.docx", "file_corrupt"],
    ["blanks", "blank.txt", "text_missing"],
  ];
  test.each(cases)("%s", async (_name, file, code) => {
    const thrown = await parseFixture(`documents/${file}`).catch(asFailure);
    expect(thrown).toMatchObject({ code });
  });
});

test("the same bytes give the same document", async () => {
  const [first, second] = await Promise.all([1, 2].map(() => parseFixture("samples/employee-handbook.pdf")));
  expect(first).toEqual(second);
});

test("the encoding of a text is told, whatever its format", async () => {
  const texts: [string, string][] = [
    ["a.txt", "Plain words."],
    ["a.md", "# Words"],
    ["a.html", "<!doctype html><p>Words</p>"],
    ["a.csv", "name,place\nAda,London"],
    ["a.json", '{"name":"Ada"}'],
    ["a.jsonl", '{"name":"Ada"}\n{"name":"Bob"}'],
    ["a.py", "def words():\n    return 1\n"],
  ];
  for (const [fileName, text] of texts) {
    const wide = Buffer.from(`\ufeff${text}`, "utf16le");
    expect([fileName, (await parseBytes(fileName, text)).coverage.encoding]).toEqual([fileName, "utf-8"]);
    expect([fileName, (await parseBytes(fileName, wide)).coverage.encoding]).toEqual([fileName, "utf-16le"]);
  }
});
