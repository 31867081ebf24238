import type { DraftBlock } from "#lib/ingestion/build-document.ts";
import type { PageLine } from "#lib/ingestion/pages/schema.ts";

const wideGap = 1.35;
const fewestRows = 2;

/**
 * Lines as paragraphs: a new one begins at a wider gap, a jump to another column, or letters of another size. Lines with wide blanks
 * in them (tabs) that follow each other are rows of a table.
 */
export function groupParagraphs(lines: PageLine[]): DraftBlock[] {
  const usual = usualGap(lines);
  const groups: string[][] = [];
  let former: PageLine | undefined;
  for (const line of lines) {
    const gap = former ? line.y - former.y : 0;
    const jumps =
      former && line.size > 0 && former.size > 0 && (gap < -line.size || gap > Math.max(usual, line.size) * wideGap);
    const resized = former && Math.abs(line.size - former.size) > Math.max(line.size, former.size) * 0.15;
    const group = groups.at(-1);
    if (!group || line.text.trim() === "" || jumps || resized) groups.push([line.text]);
    else group.push(line.text);
    if (line.text.trim() !== "") former = line;
  }
  return groups.flatMap(splitTables);
}

function splitTables(lines: string[]): DraftBlock[] {
  const runs: { isRow: boolean; lines: string[] }[] = [];
  for (const line of lines) {
    const isRow = /\S\t+\S/.test(line);
    const last = runs.at(-1);
    if (last?.isRow === isRow) last.lines.push(line);
    else runs.push({ isRow, lines: [line] });
  }
  const hasTable = runs.some(({ isRow, lines: { length } }) => isRow && length >= fewestRows);
  if (!hasTable) return [{ kind: "paragraph", text: lines.join("\n") }];
  return runs.map((run) =>
    run.isRow
      ? { kind: "table", text: run.lines.map((line) => line.trim().replace(/ ?\t+ ?/g, " | ")).join("\n") }
      : { kind: "paragraph", text: run.lines.join("\n") },
  );
}

function usualGap(lines: PageLine[]): number {
  const gaps = lines.flatMap(({ y, size }, index) => {
    const gap = y - (lines[index - 1]?.y ?? y);
    return size > 0 && gap > size * 0.5 ? [gap] : [];
  });
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}
