import type { FailureCode } from "#lib/errors.ts";
import type { ParsedDocument } from "#lib/ingestion/schema.ts";
import { findFaults } from "#tests/find-faults.ts";
import type { Outcome } from "./read-document.ts";
import { codesOf, type Expectation } from "./read-expectations.ts";

/** What is wrong with an outcome, in words; nothing when it is right. Without an expectation only what is never right is told. */
export function judgeOutcome(outcome: Outcome, asked: Expectation | undefined, withOcr = false): string[] {
  const expected = asked && withOcr ? withImagesRead(asked) : asked;
  const { parsed, failure } = outcome;
  // A defect of ours, whatever the file holds.
  if (failure?.code === "internal") return [`internal: ${String(failure.cause).slice(0, 300)}`];
  const faults = parsed ? findFaults(parsed) : [];
  if (!expected) return faults;
  if (expected.sha256 && expected.sha256 !== outcome.sha256)
    faults.push("sha256: these are not the bytes it speaks of");
  if (failure && !listCodes(expected).includes(failure.code)) {
    faults.push(`${tellWanted(expected)}, but it gave ${failure.code}: ${failure.detail}`);
  }
  if (parsed) faults.push(...judgeDocument(parsed, expected));
  return faults;
}

/** What is expected when text in images is recognised. */
function withImagesRead({
  expected_error_without_ocr: _,
  ocr_contains,
  must_contain,
  ...rest
}: Expectation): Expectation {
  return { ...rest, must_contain: [...(must_contain ?? []), ...(ocr_contains ?? [])] };
}

/** The codes that are right. */
function listCodes(expected: Expectation): FailureCode[] {
  const { expected_error, expected_error_without_ocr, or_error, real_type, must_contain, must_not_contain } = expected;
  const kinds = [expected_error, expected_error_without_ocr, or_error].filter((kind) => kind !== undefined);
  if (real_type) kinds.push("TYPE_MISMATCH", "UNSUPPORTED");
  // Who only asks that something is not let out does not ask that the file is read.
  if (must_not_contain && !must_contain) kinds.push("CORRUPT", "NO_TEXT");
  return kinds.flatMap((kind) => codesOf[kind]);
}

/** Whether to be read can be right. */
function mayBeRead({ expected_error, expected_error_without_ocr, or_contains }: Expectation): boolean {
  return expected_error_without_ocr === undefined && (expected_error === undefined || or_contains === true);
}

function tellWanted(expected: Expectation): string {
  return `expected ${[...(mayBeRead(expected) ? ["to be read"] : []), ...listCodes(expected)].join(" or ")}`;
}

function judgeDocument(parsed: ParsedDocument, expected: Expectation): string[] {
  if (!mayBeRead(expected)) return [`${tellWanted(expected)}, but it was read`];
  const faults: string[] = [];
  if (expected.expected_error && parsed.warnings.length === 0) {
    faults.push("or_contains: no warning says that only a part was read");
  }
  const has = makeFinder(parsed.text);
  for (const key of ["must_contain", "must_contain_forms"] as const) {
    for (const text of expected[key] ?? []) if (!has(text)) faults.push(`${key}: ${JSON.stringify(text)} is missing`);
  }
  for (const text of expected.must_not_contain ?? []) {
    if (has(text)) faults.push(`must_not_contain: ${JSON.stringify(text)} is there`);
  }
  const compare = (key: "pages" | "page_labels" | "rows", found: () => number | string) => {
    const wanted = expected[key];
    if (wanted !== undefined && String(wanted) !== String(found()))
      faults.push(`${key}: ${wanted} expected, ${found()} found`);
  };
  compare("pages", () => parsed.pages.length);
  compare("page_labels", () => parsed.pages.map(({ label, number }) => label ?? number).join(","));
  compare("rows", () => countRows(parsed));
  return faults;
}

/** Whether a text has another in it, however blanks were set: layouts of tables and of Chinese leave that open. */
function makeFinder(text: string): (part: string) => boolean {
  const folded = fold(text);
  const solid = folded.replaceAll(" ", "");
  return (part) => folded.includes(fold(part)) || solid.includes(fold(part).replaceAll(" ", ""));
}

function fold(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u00ad\u200b]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

function countRows({ text, blocks }: ParsedDocument): number {
  const tables = blocks.filter(({ kind }) => kind === "table").map(({ start, end }) => text.slice(start, end));
  return tables.flatMap((table) => table.split("\n")).filter((line) => line.trim() !== "").length;
}
