import { asFailure } from "#lib/errors.ts";
import { beginStage } from "#lib/ingestion/begin-stage.ts";
import { type EmbedDeps, embedBatch } from "#lib/ingestion/embed-batch.ts";
import { batchName } from "#lib/ingestion/pack-batches.ts";
import type { Chunk, JobRef } from "#lib/ingestion/schema.ts";
import { batchesAtOnce, partMs } from "#lib/ingestion/step-limits.ts";
import { createWorkStore } from "#lib/ingestion/work-store.ts";

interface Input extends JobRef {
  /** Passages of the whole document. */
  chunks: number;
  /** Which of its batches to embed. */
  batches: number[];
}

/**
 * Embeds batches of planned passages and stores them with their vectors; answers with those that are left when a minute is over, or when
 * some were refused while others went well: call it again for them. Safe to repeat: what is stored is not sent again.
 */
export async function embed(deps: EmbedDeps, { chunks, batches, ...job }: Input): Promise<{ left: number[] }> {
  const start = performance.now();
  const work = await beginStage(deps.supabase, job, "embed", { chunksTotal: chunks });
  const store = createWorkStore(deps.supabase, work.folder);
  const queue = [...batches];
  const left: number[] = [];
  let thrown: unknown;
  async function embedNext(): Promise<void> {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      try {
        await embedBatch(deps, job, await store.read<Chunk[]>(batchName(index)), { canWait: true });
      } catch (caught) {
        thrown ??= caught;
        left.push(index, ...queue.splice(0));
      }
      if (performance.now() - start > partMs) left.push(...queue.splice(0));
    }
  }
  await Promise.all(Array.from({ length: Math.min(batchesAtOnce, batches.length) }, embedNext));

  const isWorthAnother = left.length < batches.length && asFailure(thrown).retry;
  if (thrown !== undefined && !isWorthAnother) throw thrown;
  return { left: left.toSorted((a, b) => a - b) };
}
