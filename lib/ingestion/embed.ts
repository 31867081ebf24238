import { asFailure } from "#lib/errors.ts";
import { beginStage } from "#lib/ingestion/begin-stage.ts";
import { checkSettings } from "#lib/ingestion/check-settings.ts";
import { type EmbedDeps, embedBatch } from "#lib/ingestion/embed-batch.ts";
import { type FarTurn, longestWaitSeconds } from "#lib/ingestion/embed-in-turn.ts";
import { batchName } from "#lib/ingestion/pack-batches.ts";
import type { Chunk, JobRef } from "#lib/ingestion/schema.ts";
import { batchesAtOnce, partMs } from "#lib/ingestion/step-limits.ts";
import { createWorkStore } from "#lib/ingestion/work-store.ts";

/** So often in a row the provider may refuse a part for its limits, with nothing done, before that counts as a failure. */
const mostRefusals = 20;

interface Input extends JobRef {
  /** Passages of the whole document. */
  chunks: number;
  /** Which of its batches to embed. */
  batches: number[];
  /** Steps of the job that run side by side. */
  places: number;
  /** What the part before answered. */
  refusals: number;
  /** Whether the job has rested for its turn: then it waits for one that is further away, or who does not rest would always come first. */
  hasRested: boolean;
}

/** What a part of the stage came to. */
export interface EmbeddedPart {
  /** The batches that are left: call it again for them. */
  left: number[];
  /** The turn at the provider that they have to rest for. */
  far: FarTurn | null;
  refusals: number;
}

/**
 * Embeds batches of planned passages and stores them with their vectors. Some are left when a minute is over (all of them where a slow
 * provider had no place for any), when their turn is too far away, when the provider refuses for the sake of its limits, or when some were
 * refused while others went well. Safe to repeat: what is stored is not sent again.
 */
export async function embed(deps: EmbedDeps, input: Input): Promise<EmbeddedPart> {
  const { chunks, batches, places, refusals, hasRested, ...job } = input;
  const minute = AbortSignal.timeout(partMs);
  const work = await beginStage(deps.supabase, job, "embed", { chunksTotal: chunks, places });
  await checkSettings(deps, work);
  const store = createWorkStore(deps.supabase, work.folder);
  const patienceSeconds = hasRested ? 2 * longestWaitSeconds : longestWaitSeconds;
  const queue = [...batches];
  const left: number[] = [];
  let far: (FarTurn & { toldAt: number }) | undefined;
  let thrown: unknown;
  async function embedNext(): Promise<void> {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      try {
        const batch = await store.read<Chunk[]>(batchName(index));
        const turn = await embedBatch(deps, job, batch, { patienceSeconds, signal: minute });
        if (turn) {
          far = { ...turn, toldAt: performance.now() };
          left.push(index, ...queue.splice(0));
        }
      } catch (caught) {
        // Not if all it did was to stand in line for a slow provider until the minute was over.
        if (caught !== minute.reason) thrown ??= caught;
        left.push(index, ...queue.splice(0));
      }
      if (minute.aborted) left.push(...queue.splice(0));
    }
  }
  await Promise.all(Array.from({ length: Math.min(batchesAtOnce, batches.length) }, embedNext));

  const isForward = left.length < batches.length;
  const failure = thrown === undefined ? null : asFailure(thrown);
  const isRefused = failure?.code === "embedding_rate_limited" && refusals < mostRefusals;
  if (failure && !isRefused && !(failure.retry && isForward)) throw thrown;
  return {
    left: left.toSorted((a, b) => a - b),
    far: far ? stillFar(far) : null,
    refusals: isForward ? 0 : refusals + (isRefused ? 1 : 0),
  };
}

/** Null when the time since has brought the turn near. */
function stillFar({ waitSeconds, turnSeconds, toldAt }: FarTurn & { toldAt: number }): FarTurn | null {
  const seconds = waitSeconds - (performance.now() - toldAt) / 1000;
  return seconds > longestWaitSeconds ? { waitSeconds: seconds, turnSeconds } : null;
}
