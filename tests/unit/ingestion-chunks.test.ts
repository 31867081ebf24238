import { countTokens as countAtOnce } from "gpt-tokenizer/encoding/cl100k_base";
import { describe, expect, test } from "vitest";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { type Block, embeddingInput, type Page, type ParsedWindow } from "#lib/ingestion/schema.ts";

const settings = { chunkTokens: 200, chunkOverlapTokens: 30 };

/** A document of blocks, joined by blank lines; `# ` begins a heading. A form feed begins a new page. */
function makeDocument(parts: string[]): ParsedWindow {
  const blocks: Block[] = [];
  const pages: Page[] = [];
  let text = "";
  let paged = 0;
  for (const part of parts) {
    if (part === "\f") {
      pages.push({ number: pages.length + 1, start: paged, end: text.length });
      paged = text.length;
      continue;
    }
    const [, marks, title] = /^(#+) (.*)$/s.exec(part) ?? [];
    const content = title ?? part;
    const start = text.length;
    const range = { start, end: start + content.length };
    blocks.push(marks ? { kind: "heading", level: marks.length, ...range } : { kind: "paragraph", ...range });
    text += `${content}\n\n`;
  }
  if (pages.length > 0) pages.push({ number: pages.length + 1, start: paged, end: text.length });
  return { text, pages, blocks };
}

const sentence = "The lantern in the harbour is lit when the tide turns and the boats come home. ";

const texts: [string, string[]][] = [
  ["English", [sentence.repeat(200)]],
  ["Chinese", ["知识库把文件变成可以查找的段落，每一段都带有出处。".repeat(300)]],
  ["Chinese without a mark", ["汉".repeat(20_000)]],
  ["Japanese", ["文書を取り込み、検索できる段落に分けます。出典も付きます。".repeat(200)]],
  ["Arabic", ["تتحول المستندات إلى فقرات يمكن البحث فيها مع ذكر المصدر. ".repeat(200)]],
  ["Thai", ["เอกสารถูกแบ่งเป็นย่อหน้าที่ค้นหาได้พร้อมแหล่งอ้างอิง".repeat(200)]],
  ["emoji", ["👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀".repeat(1500)]],
  [
    "a table of hexadecimal numbers",
    [
      Array.from(
        { length: 800 },
        (_, row) => `| ${(row * 2654435761).toString(16)} | ${(row * 40503).toString(16)} |`,
      ).join("\n"),
    ],
  ],
  ["base64", [Buffer.from(Array.from({ length: 30_000 }, (_, index) => (index * 7919) % 251)).toString("base64")]],
  ["one line of 200,000 characters", ["word".repeat(50_000)]],
  ["NUL bytes", ["\0".repeat(5000), "a\0b \0\0c ".repeat(1000)]],
  ["rows that repeat", ["the same row\n".repeat(3000)]],
  [
    "many small blocks",
    Array.from({ length: 300 }, (_, index) => `${index % 20 === 0 ? "## Heading " : ""}${index} ${sentence}`),
  ],
  ["headings without text", ["# One", "## Two", "### Three", sentence, "# Four", "# Five", sentence]],
  ["a heading of 5,000 characters", [`# ${"very long heading ".repeat(300)}`, sentence.repeat(40)]],
];

describe("passages", () => {
  test.each(texts)("of %s are within the budget, well formed, exact, and leave nothing out", async (_name, parts) => {
    const document = makeDocument(parts);
    const chunks = await chunkDocument(document, settings);
    const covered = new Uint8Array(document.text.length);
    for (const [index, chunk] of chunks.entries()) {
      expect(chunk.ordinal).toBe(index);
      expect(chunk.content).toBe(document.text.slice(chunk.charFrom, chunk.charTo));
      expect(chunk.content.isWellFormed()).toBe(true);
      expect(chunk.content.trim()).toBe(chunk.content);
      expect(chunk.tokenCount).toBe(countTokens(embeddingInput(chunk)));
      expect(chunk.tokenCount).toBeLessThanOrEqual(settings.chunkTokens);
      const atOnce = countAtOnce(embeddingInput(chunk), { disallowedSpecial: new Set() });
      expect(atOnce).toBeLessThanOrEqual(settings.chunkTokens);
      covered.fill(1, chunk.charFrom, chunk.charTo);
    }
    const missed =
      [...document.text].length === 0 ? "" : Array.from(covered, (is, at) => (is ? "" : document.text[at])).join("");
    expect(missed.trim()).toBe("");
  });

  test("are within the budget where a text holds halves of surrogate pairs", async () => {
    const chunks = await chunkDocument(makeDocument(["\ud800x\udc00\udc00 \ud83d".repeat(2000)]), settings);
    expect(chunks.length).toBeGreaterThan(10);
    for (const { content } of chunks) {
      expect(countAtOnce(content, { disallowedSpecial: new Set() })).toBeLessThanOrEqual(settings.chunkTokens);
    }
  });

  test("are not made of structure when the text is small", async () => {
    const chunks = await chunkDocument(makeDocument(["A note.", "Another note."]), settings);
    expect(chunks.map((chunk) => chunk.content)).toEqual(["A note.\n\nAnother note."]);
  });

  test("never cross a heading and carry the headings above them", async () => {
    const chunks = await chunkDocument(
      makeDocument(["# Guide", "Intro.", "## Setup", "Do it.", "## Use", "Use it.", "# Annex", "More."]),
      settings,
    );
    expect(chunks.map((chunk) => [chunk.headingPath.join("/"), chunk.content])).toEqual([
      ["Guide", "Guide\n\nIntro."],
      ["Guide/Setup", "Setup\n\nDo it."],
      ["Guide/Use", "Use\n\nUse it."],
      ["Annex", "Annex\n\nMore."],
    ]);
  });

  test("a heading with nothing but a smaller heading under it stands with that one's text", async () => {
    const chunks = await chunkDocument(makeDocument(["# Guide", "## Setup", "Do it."]), settings);
    expect(chunks).toMatchObject([{ headingPath: ["Guide", "Setup"], content: "Guide\n\nSetup\n\nDo it." }]);
  });

  test("tell the pages on which they begin and end, and page numbers never fall", async () => {
    const parts = ["# Title", sentence.repeat(3), "\f", sentence.repeat(30), "\f", "Last page."];
    const chunks = await chunkDocument(makeDocument(parts), settings);
    expect(chunks[0]?.pageFrom).toBe(1);
    expect(chunks.at(-1)?.pageTo).toBe(3);
    const pages = chunks.map((chunk) => chunk.pageFrom ?? 0);
    expect(pages).toEqual(pages.toSorted((a, b) => a - b));
    const unpaged = await chunkDocument(makeDocument(["Text."]), settings);
    expect(unpaged).toMatchObject([{ pageFrom: null, pageTo: null }]);
  });

  test("overlap where a section is cut, at a word, by no more than was asked for", async () => {
    // One token after a blank, more at the beginning of a passage.
    const words = Array.from({ length: 1500 }, (_, index) => (index % 7 ? "whispered" : "harbour")).join(" ");
    const document = makeDocument([words]);
    const chunks = await chunkDocument(document, settings);
    for (const [index, chunk] of chunks.entries()) {
      const former = chunks[index - 1];
      if (!former) continue;
      expect(chunk.charFrom).toBeLessThan(former.charTo);
      expect(countTokens(document.text.slice(chunk.charFrom, former.charTo))).toBeLessThanOrEqual(
        settings.chunkOverlapTokens,
      );
      expect(document.text[chunk.charFrom - 1]).toBe(" ");
    }
  });

  test("the same document gives the same passages", async () => {
    const document = makeDocument([sentence.repeat(100), "# Heading", sentence.repeat(50)]);
    expect(await chunkDocument(document, settings)).toEqual(await chunkDocument(structuredClone(document), settings));
  });

  test("an empty document has none", async () => {
    expect(await chunkDocument(makeDocument([]), settings)).toEqual([]);
    expect(await chunkDocument(makeDocument([" \n "]), settings)).toEqual([]);
  });
});

test("a text that has to be cut between letters is not cut within one", async () => {
  const text = "word\nก\u200bかぱぱかかぱぱかか\tბ𝐀Ⴀ";
  const heading: Block = { kind: "heading", level: 1, title: "Line 1 to Line 2", start: 0, end: 0 };
  const document = { text, pages: [], blocks: [heading, { kind: "form" as const, start: 0, end: text.length }] };
  const chunks = await chunkDocument(document, { chunkTokens: 32, chunkOverlapTokens: 21 });
  expect(chunks.filter(({ content }) => !content.isWellFormed())).toEqual([]);
});
