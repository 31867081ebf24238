import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { cleanText, cutText } from "#lib/ingestion/clean-text.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import { mediaTypes } from "#lib/ingestion/schema.ts";
import { formats } from "./document-formats.ts";
import { allScripts, makeParts } from "./make-parts.ts";

/** Letters, marks and strange signs side by side, as no writer puts them; half pairs may meet. */
const wild = fc
  .array(
    fc.oneof(
      fc.constantFrom(...allScripts.noise.map((noise) => noise.trim() || noise), ...allScripts.scripts.flat()),
      fc.constantFrom("\n", "\r", "\r\n", " ", "\t", "\u0301", "\u0323", "\u1161", "\u11ab", "\u3099", "-\n"),
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.string({ unit: "grapheme", maxLength: 3 }),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(""));
const cleanings = fc.record({ keepBlanks: fc.boolean(), keepIndent: fc.boolean(), joinHyphens: fc.boolean() });
const many = { numRuns: 5_000 };

describe("any text", () => {
  test("is NFC, well formed and without control characters once it is cleaned, and stays as it is when cleaned again", () => {
    const property = fc.property(wild, cleanings, (raw, options) => {
      const clean = cleanText(raw, options);
      expect(clean).toBe(clean.normalize("NFC"));
      expect(clean.isWellFormed()).toBe(true);
      expect(clean).not.toMatch(/[^\P{Cc}\n\t]/u);
      expect(cleanText(clean, options)).toBe(clean);
    });
    fc.assert(property, many);
  });

  test("loses no letter when it is cleaned", () => {
    const lettersOf = (text: string) => text.normalize("NFC").match(/[\p{L}\p{N}]/gu) ?? [];
    const property = fc.property(wild, cleanings, (raw, options) => {
      // What is dropped may stand between a letter and its mark, which then meet.
      const kept = raw
        .toWellFormed()
        .replace(/\r\n?/g, "\n")
        .replace(/\u00ad\n?|[^\P{Cc}\n\t\v\f\u0085]|[\ufeff\ufffe\uffff]/gu, "");
      expect(lettersOf(cleanText(raw, options))).toEqual(lettersOf(kept));
    });
    fc.assert(property, many);
  });

  test("is cut between characters", () => {
    const property = fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, length) => {
      const cut = cutText(text, length);
      expect(text.startsWith(cut)).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(length);
      expect(cut.isWellFormed()).toBe(true);
    });
    fc.assert(property, many);
  });

  test.each(["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"])(
    "in %s with its mark is decoded exactly",
    async (encoding) => {
      const property = fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
        // A mark of UTF-16 with a NUL after it is that of UTF-32.
        const words = text.replaceAll("\ufeff", "").replace(/^\0+/, "");
        const { text: decoded, warnings } = await decodeText(
          iconv.encode(`\ufeff${words}`, encoding, { addBOM: false }),
        );
        expect([decoded, warnings]).toEqual([words, []]);
      });
      await fc.assert(property, { numRuns: 500 });
    },
  );
});

describe("any bytes", () => {
  const beginnings = [
    "",
    "%PDF-1.7\n",
    "{\\rtf1",
    "PK\u0003\u0004",
    "PK\u0005\u0006",
    "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1",
    "<html>",
    "\u00ff\u00fe",
    "\u00ef\u00bb\u00bf",
  ];
  const bytes = fc
    .tuple(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }))
    .map(([beginning, rest]) => Buffer.concat([Buffer.from(beginning, "latin1"), rest]));

  test("are a text to whoever takes them for one", async () => {
    const property = fc.asyncProperty(bytes, async (found) => {
      const { text } = await decodeText(found);
      expect(await decodeText(found)).toMatchObject({ text });
      expect(cleanText(text).isWellFormed()).toBe(true);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test("are of a type that can be read, or refused for a reason", () => {
    const names = fc.constantFrom(
      "a",
      "a.pdf",
      "a.docx",
      "a.xlsx",
      "a.epub",
      "a.rtf",
      "a.html",
      "a.md",
      "a.txt",
      "a.png",
      ".",
      "",
    );
    const reasons = ["file_empty", "file_corrupt", "file_encrypted", "media_type_unsupported", "media_type_mismatch"];
    const property = fc.property(bytes, names, (head, fileName) => {
      try {
        expect(Object.keys(mediaTypes)).toContain(detectMediaType({ fileName, head, size: head.length }));
      } catch (thrown) {
        expect(reasons).toContain(asFailure(thrown).code);
      }
    });
    fc.assert(property, many);
  });

  test.each(formats.filter(({ mediaType }) => !/^text|json/.test(mediaType)))(
    "of $name are known for what they are, whatever they are named",
    (format) => {
      const property = fc.property(makeParts(format.alphabet), (parts) => {
        const head = Buffer.from(format.write(parts));
        expect(detectMediaType({ fileName: "a", head, size: head.length })).toBe(format.mediaType);
      });
      fc.assert(property, { numRuns: 20 });
    },
  );
});
