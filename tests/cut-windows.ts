import type { ParsedWindow } from "#lib/ingestion/schema.ts";

/** A document in windows as a parser gives them: each ends after one of the blocks whose index is told, before or after the blank that follows it. */
export function cutWindows({ text, pages, blocks }: ParsedWindow, after: number[], keepsBlank = true): ParsedWindow[] {
  const windows: ParsedWindow[] = [];
  let start = 0;
  let first = 0;
  const add = (end: number, until: number) => {
    const isLast = until === blocks.length;
    windows.push({
      text: text.slice(start, end),
      pages: pages.filter((page) => (page.start >= start || first === 0) && (page.start < end || isLast)),
      blocks: blocks.slice(first, until),
    });
    start = end;
    first = until;
  };
  for (const index of after.toSorted((a, b) => a - b)) {
    const next = blocks[index + 1];
    const end = keepsBlank ? next?.start : blocks[index]?.end;
    if (next && end !== undefined && end > start) add(end, index + 1);
  }
  add(text.length, blocks.length);
  return windows;
}
