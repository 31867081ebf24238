import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { parseInput } from "#app/api/answer.ts";
import {
  bulkReprocessSchema,
  listQuerySchema,
  registerRequestSchema,
  uploadRequestSchema,
} from "#lib/documents/schema.ts";
import { Failure } from "#lib/errors.ts";
import { searchQuerySchema } from "#lib/search/schema.ts";

const id = crypto.randomUUID();

function refusalOf(schema: z.ZodType, input: unknown): string {
  try {
    parseInput(schema, input);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "request_invalid") return thrown.detail;
    throw thrown;
  }
  return "taken";
}

describe("input from outside", () => {
  test.each<[string, z.ZodType, unknown]>([
    ["the words of a list", listQuerySchema, { q: "a\0b" }],
    ["a question", searchQuerySchema, { q: "a\0b" }],
    ["a model", bulkReprocessSchema, { model: "a\0b" }],
    ["a model with half a sign", bulkReprocessSchema, { model: "a\ud800b" }],
    ["a file name with nothing in it", uploadRequestSchema, { fileName: "\0", sizeBytes: 1 }],
  ])("%s with what cannot be stored is refused", (_what, schema, input) => {
    expect(refusalOf(schema, input)).toMatch(/^What is wrong: (q|model|fileName) \(.+\)\.$/);
  });

  test("a file name is rid of what cannot be stored, and keeps its script", () => {
    const nameOf = (fileName: string) => parseInput(uploadRequestSchema, { fileName, sizeBytes: 1 }).fileName;
    expect(nameOf("a\0b.txt")).toBe("ab.txt");
    expect(nameOf("a\ud800b.txt")).toBe("a\ufffdb.txt");
    expect(nameOf(" folder/Über 語🙂.pdf ")).toBe("Über 語🙂.pdf");
  });

  test("text of any script is taken", () => {
    expect(parseInput(searchQuerySchema, { q: " 語🙂 " }).q).toBe("語🙂");
  });

  test("ids in capitals mean the same", () => {
    const loud = id.toUpperCase();
    expect(parseInput(bulkReprocessSchema, { ids: [loud] }).ids).toEqual([id]);
    expect(parseInput(registerRequestSchema, { uploadId: loud }).uploadId).toBe(id);
    expect(parseInput(searchQuerySchema, { q: "a", documentId: loud }).documentId).toBe(id);
  });

  test("what is missing is called so", () => {
    expect(refusalOf(searchQuerySchema, {})).toBe("What is wrong: q is missing.");
    expect(refusalOf(uploadRequestSchema, {})).toBe("What is wrong: fileName is missing, sizeBytes is missing.");
    expect(refusalOf(registerRequestSchema, {})).toBe("What is wrong: uploadId is missing.");
    expect(refusalOf(registerRequestSchema, undefined)).toBe("What is wrong: body is missing.");
    expect(refusalOf(searchQuerySchema, { q: "" })).toMatch(/^What is wrong: q \(.+\)\.$/);
  });
});
