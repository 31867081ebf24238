import type { RunnerTaskBase } from "vitest";

/** What a chaos test proves, for the table of `npm run chaos`; whether it was kept is the test's own outcome. */
export interface PromiseReport {
  /** What the product promises, as one sentence. */
  promise: string;
  /** What was done to break it. */
  done: string;
  /** What was measured, by name, with units in the name or the value. */
  figures: Record<string, number | string>;
}

declare module "vitest" {
  interface TaskMeta {
    promise?: PromiseReport;
  }
}

/**
 * Puts a test's row into the table. Call it at the start too, so that a test that fails has a row; later calls add and replace.
 * @public
 */
export function reportPromise({ meta }: Pick<RunnerTaskBase, "meta">, report: Partial<PromiseReport>): void {
  const former = meta.promise ?? { promise: "", done: "", figures: {} };
  meta.promise = { ...former, ...report, figures: { ...former.figures, ...report.figures } };
}
