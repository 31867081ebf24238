import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import type { ParsedDocument } from "#lib/ingestion/schema.ts";

export const fixtures = join(import.meta.dirname, "../fixtures");
const folder = mkdtempSync(join(tmpdir(), "knowledgebase-parsers-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function parseFile(path: string): Promise<ParsedDocument> {
  const bytes = readFileSync(path);
  const fileName = path.split("/").at(-1) ?? "";
  const mediaType = detectMediaType({ fileName, head: bytes, size: bytes.length });
  const parsed = await parseDocument({ path, fileName, mediaType });
  expectSound(parsed);
  return parsed;
}

export const parseFixture = (name: string) => parseFile(join(fixtures, name));

export async function parseBytes(fileName: string, bytes: Buffer | string): Promise<ParsedDocument> {
  const path = join(folder, fileName);
  writeFileSync(path, bytes);
  return await parseFile(path);
}

/** What must hold for any document, whatever its format. */
function expectSound({ text, blocks, pages }: ParsedDocument): void {
  expect(text.isWellFormed()).toBe(true);
  expect(text).toBe(text.normalize("NFC"));
  expect(text).not.toMatch(/[^\P{Cc}\n\t]/u);
  let end = 0;
  for (const block of blocks) {
    expect(block.start).toBeGreaterThanOrEqual(end);
    expect(text.slice(end, block.start).trim()).toBe("");
    end = block.end;
  }
  expect(text.slice(end).trim()).toBe("");
  const bounds = pages.flatMap((page) => [page.start, page.end]);
  if (pages.length > 0) expect([bounds[0], bounds.at(-1)]).toEqual([0, text.length]);
  for (const [index, page] of pages.entries()) expect(page.start).toBe(pages[index - 1]?.end ?? 0);
}

export function outline({ text, blocks }: ParsedDocument): string[] {
  return blocks.map(
    ({ kind, level, title, start, end }) => `${kind}${level ?? ""}: ${title ?? text.slice(start, end)}`,
  );
}

export const pageText = (parsed: ParsedDocument, number: number) =>
  parsed.text.slice(parsed.pages[number - 1]?.start, parsed.pages[number - 1]?.end);
