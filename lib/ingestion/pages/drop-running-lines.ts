import type { PageLine, PageRecord, Survey } from "#lib/ingestion/pages/schema.ts";

const topZone = 0.1;
const bottomZone = 0.92;
const fewestPages = 3;

/**
 * Leaves out running heads and feet: lines at the edge of the page that, but for their numbers, stand on at least half
 * of the pages. The first of each stays (`seen` holds those), so that no words are lost.
 */
export function dropRunningLines({ lines, height }: PageRecord, survey: Survey, seen: Set<string>): PageLine[] {
  const enough = Math.max(fewestPages, survey.pagesWithText / 2);
  return lines.filter((line) => {
    const key = isAtEdge(line, height) ? maskNumbers(line.text) : "";
    if (!key || (survey.edges.get(key) ?? 0) < enough) return true;
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
}

export function isAtEdge({ y, size }: PageLine, height: number): boolean {
  return size > 0 && (y < height * topZone || y > height * bottomZone);
}

export function maskNumbers(text: string): string {
  return text
    .replace(/\p{N}+/gu, "#")
    .replace(/\s+/g, " ")
    .trim();
}
