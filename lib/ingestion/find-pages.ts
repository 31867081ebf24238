import type { Page } from "#lib/ingestion/schema.ts";

/** The pages on which a range of the text begins and ends; nulls for a document without pages. */
export function findPages(
  pages: Page[],
  start: number,
  end: number,
): { pageFrom: number | null; pageTo: number | null } {
  return { pageFrom: pageAt(pages, start), pageTo: pageAt(pages, end - 1) };
}

/** Pages tile the text, so the last one that begins at or before the place holds it. */
function pageAt(pages: Page[], place: number): number | null {
  let low = 0;
  let high = pages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pages[middle]?.start ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return pages[low - 1]?.number ?? null;
}
