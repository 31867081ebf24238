import { describe, expect, test } from "vitest";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { createDocumentBuilder, type DraftBlock } from "#lib/ingestion/build-document.ts";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { createChunker } from "#lib/ingestion/create-chunker.ts";
import { type Chunk, embeddingInput, type ParsedWindow } from "#lib/ingestion/schema.ts";
import { cutWindows } from "#tests/cut-windows.ts";
import { findChunkFaults } from "#tests/find-chunk-faults.ts";
import { parseBytes } from "./parse-fixture.ts";

const settings = { chunkTokens: 200, chunkOverlapTokens: 30 };
const sentence = "The lantern in the harbour is lit when the tide turns and the boats come home. ";

function build(blocks: DraftBlock[]): ParsedWindow {
  const builder = createDocumentBuilder({ maxCharacters: 10_000_000 });
  for (const block of blocks) builder.add(block);
  return builder.finish({});
}

const paragraph = (words: number): DraftBlock => ({ kind: "paragraph", text: `${"word ".repeat(words - 1)}end` });
const heading = (text: string): DraftBlock => ({ kind: "heading", level: 1, text });
const code = (lines: number): DraftBlock => ({
  kind: "code",
  text: Array.from({ length: lines }, (_, index) => `  call(${index});`).join("\n"),
});

/** The passages of a document, which must be the same however it comes. */
async function cut(document: ParsedWindow, chunking = settings): Promise<Chunk[]> {
  const chunks = await chunkDocument(document, chunking);
  expect(findChunkFaults(document, chunks, chunking.chunkTokens)).toEqual([]);
  const chunker = createChunker(chunking);
  const windowed: Chunk[] = [];
  const everyBlock = document.blocks.map((_, index) => index);
  for (const window of cutWindows(document, everyBlock)) windowed.push(...(await chunker.add(window)));
  expect([...windowed, ...(await chunker.finish())]).toEqual(chunks);
  return chunks;
}

describe("a document that comes in windows", () => {
  test("has its passages settled as it comes, though it has no heading", async () => {
    const chunker = createChunker(settings);
    const windows = cutWindows(build(Array.from({ length: 400 }, () => paragraph(50))), [99, 199, 299]);
    let characters = 0;
    for (const window of windows) {
      characters += window.text.length;
      const settled = (await chunker.add(window)).at(-1)?.charTo ?? 0;
      expect(characters - settled).toBeLessThan(2 * settings.chunkTokens * "word ".length);
    }
  });

  test("has none before what a passage may still take in has come", async () => {
    const chunker = createChunker(settings);
    const [first, second] = cutWindows(build([heading("One"), paragraph(20), paragraph(30)]), [1]);
    expect(first && second).toBeDefined();
    if (!first || !second) return;
    expect([...(await chunker.add(first)), ...(await chunker.add(second))]).toEqual([]);
    expect(await chunker.finish()).toMatchObject([{ headingPath: ["One"], charFrom: 0 }]);
  });
});

describe("the blocks of a section", () => {
  test("are merged while they fit", async () => {
    const items = Array.from({ length: 8 }, (_, index): DraftBlock => ({ kind: "list", text: `- Item ${index}` }));
    const chunks = await cut(build([heading("One"), paragraph(20), ...items, heading("Two"), paragraph(20)]));
    expect(chunks.map(({ headingPath }) => headingPath)).toEqual([["One"], ["Two"]]);
  });

  test("are whole where they fit, up to the last token that a passage may have", async () => {
    const { text } = code(38);
    expect(countTokens(text.trim())).toBeGreaterThan(settings.chunkTokens - settings.chunkOverlapTokens);
    expect(countTokens(text)).toBeLessThanOrEqual(settings.chunkTokens);
    const chunks = await cut(build([paragraph(100), code(38), paragraph(100)]));
    expect(chunks).toHaveLength(3);
    expect(chunks[1]?.content.endsWith(text.trim())).toBe(true);
    expect(chunks[2]?.content).toContain(paragraph(100).text);
  });

  test("are cut between lines where they do not", async () => {
    const chunks = await cut(build([code(200)]));
    expect(chunks.length).toBeGreaterThan(4);
    for (const { content } of chunks) expect(content).toMatch(/^call\(\d+\);[\s\S]*\);$/);
  });

  test("stand with their heading, though both are a little too large for a passage", async () => {
    const chunks = await cut(build([heading("A heading of six words here"), paragraph(195)]));
    expect(chunks).toHaveLength(2);
    expect(chunks[0]?.tokenCount).toBeGreaterThan(150);
  });

  test("leave no heading alone, however they fit", async () => {
    for (let words = 150; words <= 200; words += 1) {
      const document = build([heading("Refunds and returns"), paragraph(words)]);
      const [first] = await cut(document, { chunkTokens: 200, chunkOverlapTokens: 0 });
      expect(first?.content).not.toBe("Refunds and returns");
    }
  });
});

describe("a passage that repeats the end of the former one", () => {
  const beginnings = async (blocks: DraftBlock[]) => (await cut(build(blocks))).slice(1).map(({ content }) => content);

  test("begins with a sentence", async () => {
    for (const content of await beginnings([{ kind: "paragraph", text: sentence.repeat(60) }])) {
      expect(content).toMatch(/^The lantern/);
    }
  });

  test("begins with an item of a list, and a line of code", async () => {
    const item = "- Lanterns, oil and other goods for the harbour house";
    const items = Array.from({ length: 60 }, () => item).join("\n");
    for (const content of await beginnings([{ kind: "list", text: items }])) expect(content).toMatch(/^- Lanterns/);
    const line = "  const lantern = harbour.find({ lit: true, tide: 12 });";
    const lines = Array.from({ length: 60 }, () => line).join("\n");
    for (const content of await beginnings([{ kind: "code", text: lines }])) expect(content).toMatch(/^const lantern/);
  });

  test("begins with a row where that is of a table", async () => {
    const row = "Lamp of the inner harbour | 27.50 | North harbour, by the old house";
    const table: DraftBlock = { kind: "table", text: [...Array.from({ length: 9 }, () => row)].join("\n") };
    const [first = ""] = await beginnings([table, paragraph(190)]);
    expect(first).toMatch(/^(Lamp|word)/);
  });

  test.each([
    ["Latin", "The lantern in the harbour is lit when the tide turns. "],
    ["Chinese", "潮水转向时，港口的灯就会点亮，船只返回家园。"],
  ])("has its marks at the ends of sentences where a line of %s is cut", async (_name, text) => {
    const document = build([{ kind: "paragraph", text: text.repeat(60) }]);
    for (const { content } of await cut(document, { chunkTokens: 200, chunkOverlapTokens: 0 })) {
      expect(content).toMatch(/^[^.。，].*[.。，]$/);
    }
  });
});

test("a heading that alone takes more than headings may is cut, not left out", async () => {
  const long = "ช่องทางการติดต่อและเวลาทำการของสำนักงานท่าเรือประจำปีงบประมาณ".repeat(3);
  const [chunk] = await cut(build([heading(long), paragraph(20)]));
  expect(chunk?.headingPath).toHaveLength(1);
  expect(long.startsWith(chunk?.headingPath[0] ?? "-")).toBe(true);
});

describe("a table that is cut", () => {
  const rows = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `Lantern ${from + index} | ${index}.50 | North`);
  const names = "Item | Price | Store";
  const table = (lines: string[]): DraftBlock => ({ kind: "table", text: lines.join("\n") });
  const bodies = (chunks: Chunk[]) => chunks.filter(({ tableHead }) => tableHead !== undefined);

  test.each([
    ["Markdown", "a.md", `${names}\n--- | --- | ---\n${rows(80).join("\n")}`],
    [
      "HTML",
      "a.html",
      `<table>${[names, ...rows(80)].map((row) => `<tr><td>${row.replaceAll(" | ", "<td>")}`).join("")}</table>`,
    ],
  ])("of %s has whole rows in every passage, under the row that names its columns", async (_name, fileName, text) => {
    const [first, ...others] = await cut(await parseBytes(fileName, text));
    expect(first?.content.startsWith(`${names}\n`)).toBe(true);
    expect(first).not.toHaveProperty("tableHead");
    expect(others.length).toBeGreaterThan(5);
    for (const chunk of others) {
      expect(chunk.tableHead).toBe(names);
      expect(embeddingInput(chunk)).toBe(`${names}\n${chunk.content}`);
      for (const row of chunk.content.split("\n")) expect(row).toMatch(/^Lantern \d+ \| \d+\.50 \| North$/);
    }
  });

  test("of CSV has its columns named once: by its row, or by its heading", async () => {
    const lines = [names, ...rows(400)].map((row) => row.replaceAll(" | ", ","));
    const chunks = await cut(await parseBytes("a.csv", lines.join("\n")));
    expect(chunks.length).toBeGreaterThan(20);
    for (const chunk of chunks) expect(embeddingInput(chunk).split(names)).toHaveLength(2);
    expect(bodies(chunks).every(({ headingPath }) => headingPath.length === 0)).toBe(true);
  });

  test("has its title left out of what is repeated", async () => {
    const chunks = await cut(build([table(["Prices of May", names, ...rows(50)])]));
    expect(new Set(bodies(chunks).map(({ tableHead }) => tableHead))).toEqual(new Set([names]));
    expect(bodies(chunks)).toHaveLength(chunks.length - 1);
  });

  test("needs no head where a passage begins with it", async () => {
    const cutAtTitle = build([paragraph(195), table(["Prices of May", names, ...rows(50)])]);
    const [first, second, third] = await cut(cutAtTitle, { chunkTokens: 200, chunkOverlapTokens: 0 });
    expect(first?.content).toMatch(/end\n\nPrices of May$/);
    expect(second?.content.startsWith(names)).toBe(true);
    expect([second?.tableHead, third?.tableHead]).toEqual([undefined, names]);
  });

  test("goes on in the next block under the same head, unless that has one of its own", async () => {
    const other = "City | Country | Area";
    const chunks = await cut(
      build([table([names, ...rows(40)]), table(["9 | 1 | 2", ...rows(40, 40)]), table([other, ...rows(40, 80)])]),
    );
    const headOf = (row: string) => chunks.findLast(({ content }) => content.includes(row))?.tableHead;
    expect([headOf("Lantern 30 "), headOf("Lantern 70 "), headOf("Lantern 115 ")]).toEqual([names, names, other]);
    const anew = await cut(build([table([names, ...rows(40)]), heading("Two"), table(rows(40))]));
    expect(new Set(bodies(anew).map(({ tableHead }) => tableHead))).toEqual(new Set([names, rows(1)[0]]));
  });

  test("does not go on in one of another width", async () => {
    const other = ["| 2023 | 2022 | 2021", ...Array.from({ length: 40 }, (_, index) => `Branch ${index} | 1 | 2 | 3`)];
    const chunks = await cut(build([table([names, ...rows(40)]), table(other)]));
    expect(chunks.at(-1)?.tableHead).toBe("| 2023 | 2022 | 2021");
  });

  test("has its head repeated though its heading looks like one", async () => {
    const chunks = await cut(build([heading("Prices | Harbour house"), table([names, ...rows(50)])]));
    expect(new Set(bodies(chunks).map(({ tableHead }) => tableHead))).toEqual(new Set([names]));
  });

  test("has no head repeated that takes more than a quarter of a passage, nor one where there is one column", async () => {
    const wide = `${"Name of a column | ".repeat(15)}End`;
    expect(bodies(await cut(build([table([wide, ...rows(60)])])))).toEqual([]);
    expect(bodies(await cut(build([table(["Name", ..."abc".repeat(300)])])))).toEqual([]);
  });

  test("has a row cut that alone is too large, each part under the head", async () => {
    const chunks = await cut(build([table([names, `Lantern | ${sentence.repeat(30)} | North`, ...rows(2)])]));
    expect(chunks.length).toBeGreaterThan(2);
    expect(bodies(chunks).length).toBeGreaterThanOrEqual(chunks.length - 1);
  });

  test("gives no head to what follows it", async () => {
    const chunks = await cut(build([table([names, ...rows(40)]), paragraph(190), paragraph(190)]));
    expect(chunks.at(-1)).not.toHaveProperty("tableHead");
  });
});
