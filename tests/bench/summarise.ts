/** What several runs took: the one in the middle, and the spread. */
export interface Sample {
  median: number;
  least: number;
  most: number;
}

export function summarise(taken: number[]): Sample {
  const sorted = taken.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? 0, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** The same in words: the one in the middle, and the smallest and the largest, each with so many digits after the point. */
export function spread(taken: number[], digits = 0): string {
  const { median, least, most } = summarise(taken);
  return `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

/** The one that a share of them does not exceed. */
export function percentile(taken: number[], share: number): number {
  const sorted = taken.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
}
