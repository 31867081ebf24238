import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDocumentBuilder, type DraftBlock } from "#lib/ingestion/build-document.ts";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { createChunker } from "#lib/ingestion/create-chunker.ts";
import type { Chunk, ParsedWindow } from "#lib/ingestion/schema.ts";
import { cutWindows } from "#tests/cut-windows.ts";
import { findChunkFaults } from "#tests/find-chunk-faults.ts";
import { findFaults } from "#tests/find-faults.ts";
import { allScripts } from "./make-parts.ts";

const maxCharacters = 10_000_000;
const runs = { numRuns: 500, interruptAfterTimeLimit: 15_000 };
const settings = { chunkTokens: 400, chunkOverlapTokens: 50 };

const pieces = fc.constantFrom(
  ...allScripts.scripts.flat(),
  ...allScripts.noise,
  ...allScripts.blanks,
  "\n",
  " | ",
  ". ",
  "。",
);
const texts = fc
  .tuple(fc.array(pieces, { maxLength: 30 }), fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.nat(100)))
  .map(([found, repeats]) => found.join("").repeat(repeats));
const blocks: fc.Arbitrary<DraftBlock> = fc.oneof(
  fc.record({ kind: fc.constantFrom("paragraph", "list", "table", "code", "quote", "form"), text: texts }),
  fc.record({ kind: fc.constant("heading"), level: fc.integer({ min: 1, max: 6 }), text: texts }),
  fc.record({
    kind: fc.constant("heading"),
    level: fc.integer({ min: 1, max: 6 }),
    text: fc.constant(""),
    title: texts,
  }),
);

/** Documents as a parser builds them; a null begins a page. */
const documents = fc
  .tuple(fc.boolean(), fc.array(fc.oneof({ weight: 6, arbitrary: blocks }, fc.constant(null)), { maxLength: 20 }))
  .map(([isPaged, parts]) => {
    const builder = createDocumentBuilder({ maxCharacters });
    let page = 0;
    for (const part of isPaged ? [null, ...parts] : parts) {
      if (part) builder.add(part);
      else if (isPaged) builder.startPage(++page);
    }
    builder.add({ kind: "paragraph", text: "word" });
    return builder.finish({});
  });

const chunkings = fc.record({ chunkTokens: fc.integer({ min: 32, max: 500 }), chunkOverlapTokens: fc.nat(500) });

test("the passages of any document are exact, whole and within what they may hold", async () => {
  const property = fc.asyncProperty(documents, chunkings, async (document, chunking) => {
    expect(findFaults(document)).toEqual([]);
    const chunks = await chunkDocument(document, chunking);
    expect(findChunkFaults(document, chunks, chunking.chunkTokens)).toEqual([]);
    expect(await chunkDocument(document, chunking)).toEqual(chunks);
  });
  await fc.assert(property, runs);
});

test("a document has the same passages, however it comes in windows", async () => {
  const property = fc.asyncProperty(
    documents,
    chunkings,
    fc.array(fc.nat(20), { maxLength: 6 }),
    fc.boolean(),
    async (document, chunking, after, keepsBlank) => {
      const chunker = createChunker(chunking);
      const chunks: Chunk[] = [];
      for (const window of cutWindows(document, after, keepsBlank)) chunks.push(...(await chunker.add(window)));
      chunks.push(...(await chunker.finish()));
      expect(chunks).toEqual(await chunkDocument(document, chunking));
    },
  );
  await fc.assert(property, runs);
});

/** As long as a text can be without a place to cut it at. */
const nasty: [string, (length: number) => string][] = [
  ["Chinese", fill("知识库把文件变成可以查找的段落每一段都带有出处")],
  ["one Chinese letter", fill("汉")],
  ["Japanese", fill("文書を取り込み検索できるダンラクに分けます出典も付きます")],
  ["Arabic", fill("تتحولالمستنداتإلىفقراتيمكنالبحثفيها")],
  ["Thai", fill("เอกสารถูกแบ่งเป็นย่อหน้าที่ค้นหาได้พร้อมแหล่งอ้างอิง")],
  ["families of emoji", fill("👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀🇳🇵")],
  ["letters beyond the basic plane", fill("𠮷𝐀𐐷𞤀")],
  ["hexadecimal digits", fill(Array.from({ length: 500 }, (_, index) => (index * 2654435761).toString(16)).join(""))],
  ["base64", fill(Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7919) % 251)).toString("base64"))],
  ["one letter", fill("a")],
  ["marks upon one letter", fill("\u0301")],
  ["joiners", fill("\u200d")],
  ["signs that look like tokens", fill("<|endoftext|>")],
  ["commas", fill(", ")],
  ["blanks of many kinds", fill("a\u3000\t")],
];

function fill(pattern: string): (length: number) => string {
  return (length) =>
    pattern
      .repeat(Math.ceil(length / pattern.length))
      .slice(0, length)
      .toWellFormed();
}

function asLine(text: string): ParsedWindow {
  return { text, pages: [], blocks: [{ kind: "code", start: 0, end: text.length }] };
}

/** Milliseconds of work, for others may have the processor as well. */
async function measure(text: string): Promise<number> {
  const before = process.cpuUsage();
  const chunks = await chunkDocument(asLine(text), settings);
  const { user, system } = process.cpuUsage(before);
  expect(findChunkFaults(asLine(text), chunks, settings.chunkTokens)).toEqual([]);
  return (user + system) / 1000;
}

describe("a line of 200,000 characters", () => {
  test.each(nasty)(
    "of %s is cut within what a passage may hold, in time that grows as it does",
    async (_name, make) => {
      const short = await measure(make(50_000));
      const long = await measure(make(200_000));
      expect(long).toBeLessThan(short * 8 + 500);
    },
  );

  test("of blanks has no passages", async () => {
    expect(await chunkDocument(asLine(" \t\u3000\n".repeat(50_000)), settings)).toEqual([]);
  });
});
