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
  /** Begins nothing more, and waits for what is being embedded. */
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
 * A batch that is full is embedded as soon as there is a place, while reading goes on. What the provider does not take without a wait, and what
 * the time is too short for, is stored for the embed stage.
 */
export function createCutter(deps: EmbedDeps, work: JobWork, { store, until }: Options): Cutter {
  const chunker = createChunker(work.settings);
  const packer = createBatchPacker(deps.env.EMBEDDING_BATCH_CHUNKS);
  const left: number[] = [];
  const running = new Set<Promise<void>>();
  const waiting: Batch[] = [];
  let chunks = 0;
  let batchCount = 0;
  let language: string | null = null;
  let languageTold: Promise<void> | undefined;
  let isEnded = false;
  let stopped: Failure | undefined;

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

  /** Begins what waits, as far as there are places. */
  function begin(): void {
    while (!isEnded && running.size < batchesAtOnce && performance.now() < until) {
      const batch = waiting.shift();
      if (!batch) return;
      const embedding = embedOrKeep(batch)
        .catch((thrown: unknown) => {
          stopped ??= asFailure(thrown);
        })
        .finally(() => {
          running.delete(embedding);
          begin();
        });
      running.add(embedding);
    }
  }

  /** Whatever goes wrong, the embed stage asks again, and tells what it is if it goes on. */
  async function embedOrKeep(batch: Batch): Promise<void> {
    try {
      // The first passages are stored by the rules of their language.
      languageTold ??= recordProgress(deps.supabase, work, language ? { language } : {});
      await languageTold;
      const far = await embedBatch(deps, work, batch.chunks, { patienceSeconds: 0 });
      if (!far) return;
    } catch (thrown) {
      isEnded = true;
      if (asFailure(thrown).code === "job_superseded") throw thrown;
    }
    isEnded = true;
    await keep(batch);
  }

  /** Answers whether it went well; if not, it is left to the embed stage. */
  async function embedOnly(batch: Batch, entering: Progress, publishes: boolean): Promise<boolean> {
    try {
      const far = await embedBatch(deps, work, batch.chunks, { patienceSeconds: 0, entering, publishes });
      if (!far) return true;
    } catch (thrown) {
      if (!asFailure(thrown).retry) throw thrown;
    }
    await keep(batch);
    return false;
  }

  async function settle(): Promise<void> {
    isEnded = true;
    await Promise.all(running);
  }

  return {
    settle,

    async take(window, about) {
      if (stopped) throw stopped;
      language = about.language;
      waiting.push(...number(packer.add(await chunker.add(window))));
      if (about.isLast) waiting.push(...number([...packer.add(await chunker.finish()), ...packer.finish()]));
      // The only batch of a document goes with all that was found out of it.
      if (!about.isLast || batchCount > 1) begin();
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
      while (running.size > 0) await Promise.race(running);
      if (stopped) throw stopped;
      for (const batch of waiting) await keep(batch);
      return { chunks, batches: left.toSorted((a, b) => a - b), isPublished: false };
    },
  };
}
