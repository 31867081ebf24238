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
