import type { Chunk } from "#lib/ingestion/schema.ts";

/** The most tokens in one request to the provider: OpenAI refuses more than 300,000, by a count that may differ from ours. */
const batchTokens = 250_000;

/** Packs passages as they come into as few batches as the count and the token cap allow, in order. */
export interface BatchPacker {
  /** The batches that are full. */
  add(chunks: Chunk[]): Chunk[][];
  /** The last one, if there is any. */
  finish(): Chunk[][];
}

/** The name under which a batch waits in a job's store for the embed stage. */
export const batchName = (index: number) => `chunks-${index}`;

export function createBatchPacker(batchChunks: number): BatchPacker {
  let open: Chunk[] = [];
  let tokens = 0;
  return {
    add(chunks) {
      const full: Chunk[][] = [];
      for (const chunk of chunks) {
        if (open.length >= batchChunks || (open.length > 0 && tokens + chunk.tokenCount > batchTokens)) {
          full.push(open);
          open = [];
          tokens = 0;
        }
        open.push(chunk);
        tokens += chunk.tokenCount;
      }
      return full;
    },
    finish: () => (open.length > 0 ? [open] : []),
  };
}
