import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import type { ParsedDocument } from "#lib/ingestion/schema.ts";
import { findFaults } from "#tests/find-faults.ts";

export const fixtures = join(import.meta.dirname, "../fixtures");
const folder = mkdtempSync(join(tmpdir(), "knowledgebase-parsers-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function parseFile(path: string): Promise<ParsedDocument> {
  const bytes = readFileSync(path);
  const fileName = path.split("/").at(-1) ?? "";
  const mediaType = detectMediaType({ fileName, head: bytes, size: bytes.length });
  const parsed = await parseDocument({ path, fileName, mediaType });
  expect(findFaults(parsed)).toEqual([]);
  return parsed;
}

export const parseFixture = (name: string) => parseFile(join(fixtures, name));

export async function parseBytes(fileName: string, bytes: Buffer | string): Promise<ParsedDocument> {
  const path = join(folder, fileName);
  writeFileSync(path, bytes);
  return await parseFile(path);
}

export function outline({ text, blocks }: ParsedDocument): string[] {
  return blocks.map(
    ({ kind, level, title, start, end }) => `${kind}${level ?? ""}: ${title ?? text.slice(start, end)}`,
  );
}

export const pageText = (parsed: ParsedDocument, number: number) =>
  parsed.text.slice(parsed.pages[number - 1]?.start, parsed.pages[number - 1]?.end);
