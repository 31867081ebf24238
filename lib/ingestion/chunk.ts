import { Failure } from "#lib/errors.ts";
import { writeArtifact } from "#lib/ingestion/artifacts.ts";
import { beginStage, type JobRef } from "#lib/ingestion/begin-stage.ts";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { dropWhenEnded } from "#lib/ingestion/drop-when-ended.ts";
import { recordProgress } from "#lib/ingestion/record-progress.ts";
import type { Chunk } from "#lib/ingestion/schema.ts";
import { readStoredDocument } from "#lib/ingestion/stored-document.ts";
import { createWorkStore } from "#lib/ingestion/work-store.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/** The most tokens in one request to the provider: OpenAI refuses more than 300,000, by a count that may differ from ours. */
const batchTokens = 250_000;

/** Cuts the parsed text into passages and stores them as batches, one object a batch. Safe to repeat: the same text gives the same batches. */
export async function chunk(
  { supabase, batchChunks }: { supabase: Supabase; batchChunks: number },
  job: JobRef,
): Promise<{ chunks: number; batches: number }> {
  const work = await beginStage(supabase, job, "chunk");
  const parsed = await readStoredDocument(createWorkStore(supabase, work.folder));
  const chunks = await chunkDocument(parsed, work.settings);
  if (chunks.length === 0) throw new Failure("text_missing");
  const batches = packBatches(chunks, batchChunks);
  return await dropWhenEnded({ supabase }, work, async () => {
    for (const [index, batch] of batches.entries()) {
      await writeArtifact(supabase, `${work.folder}/chunks-${index}.json.gz`, batch);
    }
    await recordProgress(supabase, job, { chunksTotal: chunks.length });
    return { chunks: chunks.length, batches: batches.length };
  });
}

/** As few batches as the count and the token cap allow, in order. */
export function packBatches(chunks: Chunk[], batchChunks: number): Chunk[][] {
  const batches: Chunk[][] = [];
  let tokens = 0;
  for (const chunk of chunks) {
    const batch = batches.at(-1);
    if (!batch || batch.length >= batchChunks || tokens + chunk.tokenCount > batchTokens) {
      batches.push([chunk]);
      tokens = chunk.tokenCount;
    } else {
      batch.push(chunk);
      tokens += chunk.tokenCount;
    }
  }
  return batches;
}
