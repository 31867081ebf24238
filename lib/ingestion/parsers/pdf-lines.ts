import type { PdfTextItem, PdfViewport } from "#lib/ingestion/parsers/pdf-engine.ts";

export interface PdfLine {
  text: string;
  /** The baseline's distance from the top of the page, in points. */
  y: number;
  /** The size of its letters, in points; 0 when unknown. */
  size: number;
}

export interface PdfPageLines {
  number: number;
  height: number;
  lines: PdfLine[];
}

interface Input {
  text: string;
  items: PdfTextItem[];
  viewport: PdfViewport;
}

/** Gives every line of a page's text the place and size of its longest piece. */
export function placeLines({ text, items, viewport }: Input): PdfLine[] {
  const lines: PdfLine[] = text.split("\n").map((line) => ({ text: line, y: 0, size: 0 }));
  const longest = new Array<number>(lines.length).fill(0);
  let at = 0;
  let index = 0;
  for (const { str, transform } of items) {
    while (text[at] === "\n" && !text.startsWith(str, at)) {
      at += 1;
      index += 1;
    }
    // The pieces make up the text; should they not, it is better to know no places than wrong ones.
    if (!text.startsWith(str, at)) return lines.map((line) => ({ ...line, y: 0, size: 0 }));
    const line = lines[index];
    if (line && str.length > (longest[index] ?? 0)) {
      const [, , c = 0, d = 0, e = 0, f = 0] = transform;
      line.y = viewport.convertToViewportPoint(e, f)[1] ?? 0;
      line.size = Math.hypot(c, d);
      longest[index] = str.length;
    }
    at += str.length;
    for (let newline = str.indexOf("\n"); newline >= 0; newline = str.indexOf("\n", newline + 1)) index += 1;
  }
  return lines;
}

const topZone = 0.1;
const bottomZone = 0.92;

/**
 * Leaves out running heads and feet: lines at the edge of the page that, but for their numbers, stand on at least half
 * of the pages. The first of each stays, so that no words are lost.
 */
export function dropRunningLines(pages: PdfPageLines[]): PdfPageLines[] {
  const withText = pages.filter(({ lines }) => lines.some(({ text }) => text.trim() !== ""));
  const counts = new Map<string, number>();
  for (const page of withText) {
    for (const key of new Set(edgeKeys(page))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const isRunning = (key: string) => (counts.get(key) ?? 0) >= Math.max(3, withText.length / 2);
  const seen = new Set<string>();
  return pages.map((page) => ({
    ...page,
    lines: page.lines.filter((line) => {
      const key = isAtEdge(line, page.height) ? maskNumbers(line.text) : "";
      if (!key || !isRunning(key)) return true;
      const first = !seen.has(key);
      seen.add(key);
      return first;
    }),
  }));
}

function edgeKeys({ lines, height }: PdfPageLines): string[] {
  return lines.filter((line) => isAtEdge(line, height)).map((line) => maskNumbers(line.text));
}

function isAtEdge({ y, size }: PdfLine, height: number): boolean {
  return size > 0 && (y < height * topZone || y > height * bottomZone);
}

function maskNumbers(text: string): string {
  return text
    .replace(/\p{N}+/gu, "#")
    .replace(/\s+/g, " ")
    .trim();
}

const wideGap = 1.35;

/** Lines as paragraphs: a new one begins at a wider gap, a jump to another column, or letters of another size. */
export function groupParagraphs(lines: PdfLine[]): string[] {
  const usual = usualGap(lines);
  const groups: string[][] = [];
  let former: PdfLine | undefined;
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

function usualGap(lines: PdfLine[]): number {
  const gaps = lines.flatMap(({ y, size }, index) => {
    const gap = y - (lines[index - 1]?.y ?? y);
    return size > 0 && gap > size * 0.5 ? [gap] : [];
  });
  return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}
