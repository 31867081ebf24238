import { asFailure, Failure } from "#lib/errors.ts";
import { beginStage } from "#lib/ingestion/begin-stage.ts";
import { createChunker } from "#lib/ingestion/create-chunker.ts";
import type { TakeWindow } from "#lib/ingestion/create-document-writer.ts";
import { type EmbedDeps, embedBatch } from "#lib/ingestion/embed-batch.ts";
import { batchName, createBatchPacker } from "#lib/ingestion/pack-batches.ts";
import { type Progress, recordProgress } from "#lib/ingestion/record-progress.ts";
import type { Chunk, JobWork } from "#lib/ingestion/schema.ts";
import { batchesAtOnce } from "#lib/ingestion/step-limits.ts";
import type { WorkStore } from "#lib/ingestion/work-store.ts";

/** What a document came to, in counts and indexes. */
export interface CutDocument {
  chunks: number;
  /** The batches that are left to the embed stage. */
  batches: number[];
  /** Whether search sees it already. */
  isPublished: boolean;
}

/** Cuts a document into passages while it is read, and packs them into batches. */
export interface Cutter {
  take: TakeWindow;
  /**
   * When all is taken: records what was found out of the document, and embeds what the time allows. A document of one batch is published
   * here, too, if it may be. Throws `text_missing`, `job_superseded`, and of a document of one batch what the provider refuses for good.
   */
  finish(facts: Progress, options: { mayPublish: boolean }): Promise<CutDocument>;
  /** Waits for what is being embedded. */
  settle(): Promise<void>;
}

interface Batch {
  index: number;
  chunks: Chunk[];
}

interface Options {
  store: WorkStore;
  /** When the time is up, as `performance.now` tells it. */
  until: number;
}

/**
 * A batch that is full is embedded at once while reading goes on; where there is no place, the text that follows waits. When all is read
 * it is told how much there is, and the others follow as places get free. What the provider does not take without a wait, and what the time is too short for, is stored for the embed stage.
 */
export function createCutter(deps: EmbedDeps, work: JobWork, { store, until }: Options): Cutter {
  const chunker = createChunker(work.settings);
  const packer = createBatchPacker(deps.env.EMBEDDING_BATCH_CHUNKS);
  const left: number[] = [];
  const running = new Set<Promise<void>>();
  /** Full when the last text came, and not begun. */
  const waiting: Batch[] = [];
  let chunks = 0;
  let batchCount = 0;
  let languageTold: Promise<void> | undefined;
  let isRefused = false;
  let stopped: Failure | undefined;

  const hasPlace = () => running.size < batchesAtOnce;

  function number(full: Chunk[][]): Batch[] {
    return full.map((batch) => {
      chunks += batch.length;
      return { index: batchCount++, chunks: batch };
    });
  }

  async function keep({ index, chunks: batch }: Batch): Promise<void> {
    left.push(index);
    await store.write(batchName(index), batch);
  }

  /** Whatever goes wrong, the embed stage asks again, and tells what it is if it goes on. */
  function follow(batch: Batch, begun: Promise<void>): void {
    const embedding = begun
      .catch(async (thrown: unknown) => {
        const failure = asFailure(thrown);
        if (failure.code === "job_superseded") throw failure;
        isRefused = true;
        await keep(batch);
      })
      .catch((thrown: unknown) => {
        stopped ??= asFailure(thrown);
      })
      .finally(() => running.delete(embedding));
    running.add(embedding);
  }

  async function embedEarly({ chunks: batch }: Batch, language: string | null): Promise<void> {
    // The first passages are stored by the rules of their language.
    languageTold ??= recordProgress(deps.supabase, work, language ? { language } : {});
    await languageTold;
    await embedBatch(deps, work, batch, { canWait: false });
  }

  /** Begins it as soon as there is a place; or leaves it to the embed stage. */
  async function begin(batch: Batch, embed: () => Promise<void>): Promise<void> {
    const mayBegin = () => !isRefused && performance.now() < until;
    while (mayBegin() && !hasPlace()) await Promise.race(running);
    if (mayBegin()) follow(batch, embed());
    else await keep(batch);
  }

  async function embedRest(batches: Batch[]): Promise<void> {
    for (const batch of batches) {
      if (stopped) return;
      await begin(batch, () => embedBatch(deps, work, batch.chunks, { canWait: false }));
    }
  }

  /** Answers whether it went well; if not, it is left to the embed stage. */
  async function embedOnly(batch: Batch, entering: Progress, publishes: boolean): Promise<boolean> {
    try {
      await embedBatch(deps, work, batch.chunks, { canWait: false, entering, publishes });
      return true;
    } catch (thrown) {
      if (!asFailure(thrown).retry) throw thrown;
      await keep(batch);
      return false;
    }
  }

  async function settle(): Promise<void> {
    await Promise.all(running);
  }

  return {
    settle,

    async take(window, { language, isLast }) {
      if (stopped) throw stopped;
      const full = packer.add(await chunker.add(window));
      if (isLast) full.push(...packer.add(await chunker.finish()), ...packer.finish());
      for (const batch of number(full)) {
        // The only batch of a document goes with all that was found out of it.
        const isOnly = isLast && batchCount === 1;
        if (isOnly || (isLast && !hasPlace())) waiting.push(batch);
        else await begin(batch, () => embedEarly(batch, language));
      }
    },

    async finish(facts, { mayPublish }) {
      if (chunks === 0) {
        await beginStage(deps.supabase, work, "chunk", facts);
        throw new Failure("text_missing");
      }
      const entering = { ...facts, entered: { ...facts.entered, chunk: 0 }, chunksTotal: chunks };
      const [only] = waiting;
      if (only && batchCount === 1) {
        const isEmbedded = await embedOnly(only, entering, mayPublish);
        return { chunks, batches: left, isPublished: isEmbedded && mayPublish };
      }
      await beginStage(deps.supabase, work, "embed", entering);
      await embedRest(waiting).finally(settle);
      if (stopped) throw stopped;
      return { chunks, batches: left.toSorted((a, b) => a - b), isPublished: false };
    },
  };
}
