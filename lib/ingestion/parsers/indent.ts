/** Deeper lists are indented no further: what nests without end would grow by the square of its depth. */
const deepest = 8;

/** What a line begins with that stands in so many lists, of which the outermost has no indent. */
export function indent(lists: number, unit = "  "): string {
  return unit.repeat(Math.min(Math.max(lists - 1, 0), deepest));
}
