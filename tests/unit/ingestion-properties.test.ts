import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import type { MediaType, ParsedDocument } from "#lib/ingestion/schema.ts";
import { findChunkFaults } from "#tests/find-chunk-faults.ts";
import { findFaults } from "#tests/find-faults.ts";
import { formats, readWords, splitPages } from "./document-formats.ts";
import { makeParts } from "./make-parts.ts";

const folder = mkdtempSync(join(tmpdir(), "knowledgebase-properties-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A run takes a few milliseconds; a failure is told with its seed, and made smaller for as long as this. */
const runs = { numRuns: 25, interruptAfterTimeLimit: 15_000 };
const chunkings = fc.record({ chunkTokens: fc.integer({ min: 32, max: 400 }), chunkOverlapTokens: fc.nat(60) });

async function parse(mediaType: MediaType, bytes: string | Buffer): Promise<ParsedDocument> {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, bytes);
  return await parseDocument({ path, fileName: "file", mediaType });
}

/** The first word that does not come after those before it. */
function findMissing(text: string, words: string[]): string | undefined {
  let at = 0;
  return words.find((word) => {
    const found = text.indexOf(word, at);
    at = found + word.length;
    return found < 0;
  });
}

describe("any document", () => {
  test.each(formats)("in $name is read whole, cut exactly, and the same each time", async (format) => {
    const property = fc.asyncProperty(makeParts(format.alphabet), chunkings, async (parts, settings) => {
      const bytes = format.write(parts);
      const [parsed, again] = await Promise.all([parse(format.mediaType, bytes), parse(format.mediaType, bytes)]);
      expect(again).toEqual(parsed);
      expect(findFaults(parsed)).toEqual([]);
      expect(findMissing(parsed.text, parts.flatMap(readWords))).toBeUndefined();
      for (const [index, page] of (format.isPaged ? splitPages(parts) : []).entries()) {
        const { start, end } = parsed.pages.find(({ number }) => number === index + 1) ?? { start: 0, end: 0 };
        expect(findMissing(parsed.text.slice(start, end), page.flatMap(readWords))).toBeUndefined();
      }
      expect(findChunkFaults(parsed, await chunkDocument(parsed, settings), settings.chunkTokens)).toEqual([]);
    });
    await fc.assert(property, runs);
  });
});
