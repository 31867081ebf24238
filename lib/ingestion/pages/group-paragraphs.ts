import type { PageLine } from "#lib/ingestion/pages/schema.ts";

const wideGap = 1.35;

/** Lines as paragraphs: a new one begins at a wider gap, a jump to another column, or letters of another size. */
export function groupParagraphs(lines: PageLine[]): string[] {
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
  return groups.map((group) => group.join("\n"));
}

function usualGap(lines: PageLine[]): number {
  const gaps = lines.flatMap(({ y, size }, index) => {
    const gap = y - (lines[index - 1]?.y ?? y);
    return size > 0 && gap > size * 0.5 ? [gap] : [];
  });
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}
