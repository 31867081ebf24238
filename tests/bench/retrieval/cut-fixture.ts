import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import type { Chunk } from "#lib/ingestion/schema.ts";

export interface CutFile {
  title: string;
  language: string | null;
  chunks: Chunk[];
}

/** A file under tests/fixtures as ingestion reads and cuts it, by the settings that it has when none are given. */
export async function cutFixture(file: string): Promise<CutFile> {
  const path = join(import.meta.dirname, "../../fixtures", file);
  const fileName = basename(path);
  const bytes = readFileSync(path);
  const mediaType = detectMediaType({ fileName, head: bytes, size: bytes.length });
  const parsed = await parseDocument({ path, fileName, mediaType });
  const chunks = await chunkDocument(parsed, { chunkTokens: 400, chunkOverlapTokens: 50 });
  return { title: parsed.title ?? fileName, language: parsed.language, chunks };
}
