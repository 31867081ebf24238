import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { parseDocument, parseInWindows } from "#lib/ingestion/parse-document.ts";
import type { MediaType, ParsedDocument } from "#lib/ingestion/schema.ts";
import { createMemoryStore } from "#lib/ingestion/work-store.ts";
import { findFaults } from "#tests/find-faults.ts";
import { makePdf } from "./make-pdf.ts";
import { drawScan } from "./make-scan.ts";
import { pageText } from "./parse-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "knowledgebase-ocr-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pdf: MediaType = "application/pdf";
const words = ["anchor", "bridge", "candle", "desert", "engine", "forest", "garden", "harbour", "island", "jungle"];
const typed = 4;

/** Ten pages, of which the fourth is typed and all others are scans. */
function makeMixedPdf(): Buffer {
  return makePdf(
    words.map((word, index) =>
      index + 1 === typed
        ? [{ text: `This page is typed and speaks of the ${word} at length.`, y: 700 }]
        : drawScan([`The ${word} is described on this page,`, "which somebody has put on a scanner."]),
    ),
  );
}

async function parse(mediaType: MediaType, bytes: Buffer, ocrLanguages?: string): Promise<ParsedDocument> {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, bytes);
  const parsed = await parseDocument({ path, fileName: "file", mediaType }, { ocrLanguages });
  expect(findFaults(parsed)).toEqual([]);
  return parsed;
}

describe("a scan of ten pages with one typed page", { timeout: 120_000 }, () => {
  const scan = makeMixedPdf();

  test("has text on all pages when images are read", async () => {
    const parsed = await parse(pdf, scan, "eng");
    for (const [index, word] of words.entries()) expect(pageText(parsed, index + 1)).toContain(word);
    expect(parsed.pages.filter(({ source }) => source === "ocr").map(({ number }) => number)).toEqual([
      1, 2, 3, 5, 6, 7, 8, 9, 10,
    ]);
    expect(parsed.warnings).toEqual([]);
    expect(parsed.coverage).toMatchObject({ pages: 10, textPages: 10, ocrPages: 9, unreadPages: 0 });
  });

  test("names the nine pages without text when they are not", async () => {
    const parsed = await parse(pdf, scan);
    expect(parsed.text).toContain(words[typed - 1]);
    expect(parsed.warnings).toMatchObject([{ code: "pages_without_text", pages: [1, 2, 3, 5, 6, 7, 8, 9, 10] }]);
    expect(parsed.coverage).toMatchObject({ pages: 10, textPages: 1, ocrPages: 0, unreadPages: 9 });
  });

  test("goes on where it was stopped: no page is recognised twice", async () => {
    const path = join(folder, "stopped");
    writeFileSync(path, scan);
    const memory = createMemoryStore();
    const written: string[] = [];
    const store = {
      ...memory,
      async write(name: string, value: unknown) {
        written.push(name);
        await memory.write(name, value);
      },
    };
    const input = { path, fileName: "file", mediaType: pdf };
    const parse = () => parseInWindows(input, { store, onText: async () => {}, ocrLanguages: "eng", partMs: 1 });
    let parts = 1;
    let facts = await parse();
    for (; !facts; parts += 1) facts = await parse();
    expect(parts).toBeGreaterThan(2);
    expect(written.filter((name) => name.startsWith("scan-"))).toHaveLength(9);
    expect(new Set(written).size).toBe(written.length);
    expect(facts.coverage).toMatchObject({ ocrPages: 9 });
  });
});

describe("an image", { timeout: 60_000 }, () => {
  const lines = ["A photograph of a page", "that tells of the lighthouse keeper", "and of the boats below it."];

  test("is read as a page", async () => {
    const parsed = await parse("image/jpeg", drawScan(lines).jpeg, "eng");
    expect(pageText(parsed, 1)).toContain("lighthouse keeper");
  });

  test("is read when it lies on its side or upside down", async () => {
    const texts = await Promise.all(
      [1, 2].map((quarters) => parse("image/jpeg", drawScan(lines, quarters).jpeg, "eng")),
    );
    for (const { text } of texts) expect(text).toContain("lighthouse keeper");
  });

  test("ends with a reason when it is blank, broken, or images are not read", async () => {
    const codeOf = async (bytes: Buffer, languages?: string) =>
      asFailure(await parse("image/jpeg", bytes, languages).catch((thrown: unknown) => thrown)).code;
    expect(await codeOf(drawScan([]).jpeg, "eng")).toBe("text_missing");
    expect(await codeOf(drawScan(lines).jpeg)).toBe("text_missing");
    expect(await codeOf(drawScan(lines).jpeg.subarray(0, 400), "eng")).toBe("file_corrupt");
  });
});

test("a blank page among others is neither recognised nor complained about", { timeout: 60_000 }, async () => {
  const parsed = await parse(pdf, makePdf([[{ text: "Words on the first page.", y: 700 }], []]), "eng");
  expect(parsed.warnings).toEqual([]);
  expect(parsed.coverage).toMatchObject({ pages: 2, textPages: 1, blankPages: 1, unreadPages: 0 });
});
