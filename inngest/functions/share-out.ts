/** So many batches are some ten seconds of one step's work; what is more is shared by several. */
const batchesPerLane = 32;

/** Batches for steps that run side by side, at most `lanes` of them: neighbours together, as few steps as are worth it. */
export function shareOut(batches: number[], lanes: number): number[][] {
  const shares = Math.min(lanes, Math.ceil(batches.length / batchesPerLane));
  const size = Math.ceil(batches.length / Math.max(shares, 1));
  return Array.from({ length: shares }, (_, share) => batches.slice(share * size, (share + 1) * size));
}
