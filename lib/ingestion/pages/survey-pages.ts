import { isAtEdge, maskNumbers } from "#lib/ingestion/pages/drop-running-lines.ts";
import type { PageLine, PageRecord, Survey } from "#lib/ingestion/pages/schema.ts";

export function createSurvey(): Survey {
  return {
    edges: new Map(),
    pagesWithText: 0,
    letters: new Map(),
    headingSizes: new Set(),
    states: new Map(),
    filledIn: new Set(),
  };
}

/** Takes down what some pages say, in any order. */
export function surveyPages(survey: Survey, pages: PageRecord[]): void {
  for (const { number, height, lines, form, state } of pages) {
    survey.states.set(number, state);
    if (form !== "") survey.filledIn.add(number);
    if (lines.some(({ text }) => text.trim() !== "")) survey.pagesWithText += 1;
    const edges = lines.filter((line) => isAtEdge(line, height)).map(({ text }) => maskNumbers(text));
    for (const key of new Set(edges)) count(survey.edges, key, 1);
    for (const line of lines) {
      if (line.size > 0) count(survey.letters, roundSize(line.size), line.text.length);
      if (mayBeHeading(line, height)) survey.headingSizes.add(roundSize(line.size));
    }
  }
}

/** The size that most letters have; 0 when there are none. */
export function bodySize({ letters }: Survey): number {
  return [...letters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

export function roundSize(size: number): number {
  return Math.round(size * 2) / 2;
}

const longestHeading = 200;
/** Below this share of the page's height stand feet, however large. */
const footZone = 0.92;

/** Whether a line can be a heading if its letters are large enough. */
export function mayBeHeading({ text, y, size }: PageLine, height: number): boolean {
  return size > 0 && y < height * footZone && text.length <= longestHeading && /\p{L}.*\p{L}/u.test(text);
}

function count<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
