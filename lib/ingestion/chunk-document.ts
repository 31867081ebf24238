import { type ChunkSettings, createChunker } from "#lib/ingestion/create-chunker.ts";
import type { Chunk, ParsedWindow } from "#lib/ingestion/schema.ts";

/** Cuts a whole document into passages, as `createChunker` cuts it window by window. */
export async function chunkDocument(parsed: ParsedWindow, settings: ChunkSettings): Promise<Chunk[]> {
  const chunker = createChunker(settings);
  return [...(await chunker.add(parsed)), ...(await chunker.finish())];
}
