import PQueue from "p-queue";
import { Failure } from "#lib/errors.ts";

/** Those who ask the provider: all at the same time, until one gets no answer in time. */
export interface Line {
  /**
   * Runs it when there is a place. Where there is none, it is waited for until `signal` aborts, whose reason is then thrown; without a
   * signal nobody waits, and `embedding_unavailable` is thrown.
   */
  take: <T>(run: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
  noteAnswer: () => void;
  noteSilence: () => void;
}

/**
 * A slow server that works on all requests at the same time finishes none of many before they are given up, and some of few. So each that
 * gets no answer in time halves how many may be under way, and each answer lets one more go.
 */
export function createLine(): Line {
  const queue = new PQueue();
  return {
    async take(run, signal) {
      if (queue.pending < queue.concurrency) return await queue.add(run);
      if (signal) return await queue.add(run, { signal });
      const detail = "The embeddings provider is slow, and others are asking it.";
      throw new Failure("embedding_unavailable", { detail });
    },
    noteAnswer() {
      queue.concurrency += 1;
    },
    noteSilence() {
      queue.concurrency = Math.max(Math.floor(queue.pending / 2), 1);
    },
  };
}
