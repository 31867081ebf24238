import { asFailure, Failure } from "#lib/errors.ts";
import { beginStage } from "#lib/ingestion/begin-stage.ts";
import { createChunker } from "#lib/ingestion/create-chunker.ts";
import type { TakeWindow } from "#lib/ingestion/create-document-writer.ts";
import { type EmbedDeps, embedBatch } from "#lib/ingestion/embed-batch.ts";
import { batchName, createBatchPacker } from "#lib/ingestion/pack-batches.ts";
import { type Progress, recordProgress } from "#lib/ingestion/record-progress.ts";
import type { Chunk, JobWork } from "#lib/ingestion/schema.ts";
import type { WorkStore } from "#lib/ingestion/work-store.ts";

/** Requests to the provider while a document is read. */
const embeddedAtOnce = 4;

/** What a document came to, in counts and indexes. */
export interface CutDocument {
  chunks: number;
  /** The batches that are to be embedded yet. */
  batches: number[];
  /** Whether something is stored that nobody reads when the job is published. */
  leavesWork: boolean;
  /** Whether search sees it already. */
  isPublished: boolean;
}

/** Cuts a document into passages while it is read, and packs them into batches. */
export interface Cutter {
  take: TakeWindow;
  /**
   * Cuts the rest, and records what was found out of the document, which is published here if it may be and is of one batch. Throws
   * `text_missing`, `job_superseded`, and of a document of one batch what the provider refuses for good.
   */
  finish(facts: Progress, options: { mayPublish: boolean }): Promise<CutDocument>;
  /** Waits for what is being embedded. */
  settle(): Promise<void>;
}

/**
 * A batch that is full while reading goes on is embedded at once, if the provider takes it without a wait; every other is stored, for
 * the embed stage. The only batch of a document is embedded at once, too.
 */
export function createCutter(deps: EmbedDeps, work: JobWork, store: WorkStore): Cutter {
  const chunker = createChunker(work.settings);
  const packer = createBatchPacker(deps.env.EMBEDDING_BATCH_CHUNKS);
  const left: number[] = [];
  const running = new Set<Promise<void>>();
  let chunks = 0;
  let batchCount = 0;
  let windows = 0;
  let isRefused = false;
  let stopped: Failure | undefined;

  async function keep(index: number, batch: Chunk[]): Promise<void> {
    left.push(index);
    await store.write(batchName(index), batch);
  }

  async function embedEarly(index: number, batch: Chunk[], language: string | null): Promise<void> {
    try {
      // Nothing is paid for a job that was stopped, and the first passages are stored by the rules of their language.
      await recordProgress(deps.supabase, work, language ? { language } : {});
      await embedBatch(deps, work, batch, { canWait: false });
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code === "job_superseded") stopped = failure;
      // The embed stage asks again, and tells what is wrong if it goes on.
      else {
        isRefused = true;
        await keep(index, batch).catch((caught: unknown) => {
          stopped ??= asFailure(caught);
        });
      }
    }
  }

  /** Answers whether it went well; if not, it is left to the embed stage. */
  async function embedOnly(batch: Chunk[], entering: Progress, publishes: boolean): Promise<boolean> {
    try {
      await embedBatch(deps, work, batch, { canWait: false, entering, publishes });
      return true;
    } catch (thrown) {
      if (!asFailure(thrown).retry) throw thrown;
      await keep(0, batch);
      return false;
    }
  }

  async function plan(full: Chunk[][], language: string | null, isReading: boolean): Promise<void> {
    for (const batch of full) {
      const index = batchCount;
      batchCount += 1;
      chunks += batch.length;
      if (isReading && !isRefused && running.size < embeddedAtOnce) {
        const embedding = embedEarly(index, batch, language).finally(() => running.delete(embedding));
        running.add(embedding);
      } else await keep(index, batch);
    }
  }

  async function settle(): Promise<void> {
    await Promise.all(running);
  }

  return {
    settle,

    async take(window, { language, isLast }) {
      if (stopped) throw stopped;
      windows += 1;
      await plan(packer.add(await chunker.add(window)), language, !isLast);
    },

    async finish(facts, { mayPublish }) {
      const start = performance.now();
      const full = packer.add(await chunker.finish());
      const last = packer.finish();
      if (batchCount + full.length === 0 && last[0]) {
        const { length } = last[0];
        const entered = { ...facts.entered, chunk: performance.now() - start };
        const isEmbedded = await embedOnly(last[0], { ...facts, entered, chunksTotal: length }, mayPublish);
        return {
          chunks: length,
          batches: left,
          leavesWork: windows > 1 || !isEmbedded,
          isPublished: isEmbedded && mayPublish,
        };
      }
      await beginStage(deps.supabase, work, "chunk", facts);
      if (batchCount + full.length === 0) throw new Failure("text_missing");
      await plan([...full, ...last], null, false);
      await settle();
      if (stopped) throw stopped;
      await recordProgress(deps.supabase, work, { chunksTotal: chunks });
      return { chunks, batches: left.toSorted((a, b) => a - b), leavesWork: true, isPublished: false };
    },
  };
}
