import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { FailureCode } from "#lib/errors.ts";

/** Kinds of errors that any program which reads files knows, and the codes that are ours. */
export const codesOf = {
  EMPTY_FILE: ["file_empty"],
  NO_TEXT: ["text_missing"],
  PASSWORD_REQUIRED: ["file_encrypted"],
  CORRUPT: ["file_corrupt"],
  LIMIT_EXCEEDED: ["file_too_complex", "file_too_large"],
  TIMEOUT_OR_LIMIT: ["file_too_complex"],
  UNSUPPORTED: ["media_type_unsupported"],
  TYPE_MISMATCH: ["media_type_mismatch"],
} as const satisfies Record<string, readonly FailureCode[]>;

const kind = z.enum(Object.keys(codesOf) as [keyof typeof codesOf, ...(keyof typeof codesOf)[]]);
const texts = z.array(z.string());

const expectation = z.object({
  path: z.string(),
  type: z.string(),
  sha256: z.string().optional(),
  must_contain: texts.optional(),
  must_contain_forms: texts.optional(),
  must_not_contain: texts.optional(),
  /** Pages, slides or sheets. */
  pages: z.number().optional(),
  page_labels: texts.optional(),
  /** Rows of all tables, with their headers. */
  rows: z.number().optional(),
  expected_error: kind.optional(),
  or_error: kind.optional(),
  /** Whether a part of the text is right too, when a warning says that it is one. */
  or_contains: z.boolean().optional(),
  /** When nothing is recognised in images, and what is found in them when it is. */
  expected_error_without_ocr: kind.optional(),
  ocr_contains: texts.optional(),
  /** What a mislabelled file truly is; to refuse it is right too. */
  real_type: z.string().optional(),
});

export type Expectation = z.infer<typeof expectation>;

/** The expectations of a folder by the path of their file, null when it has none. */
export async function readExpectations(folder: string): Promise<Map<string, Expectation> | null> {
  const text = await readFile(join(folder, "expectations.json"), "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return null;
    throw thrown;
  });
  if (text === null) return null;
  const { files } = z.object({ files: z.array(expectation) }).parse(JSON.parse(text));
  return new Map(files.map((file) => [file.path, file]));
}
