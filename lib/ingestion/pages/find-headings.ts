import type { OutlineTarget, PagedHead, PageLine, Survey } from "#lib/ingestion/pages/schema.ts";
import { bodySize, mayBeHeading, roundSize } from "#lib/ingestion/pages/survey-pages.ts";

/** A heading of a page: `count` lines from `index` on, or none of them when the page does not print its `title`. */
export interface PageHeading {
  index: number;
  count: number;
  level: number;
  title?: string;
}

/** Finds the headings among the lines of a page. */
export type FindHeadings = (page: number, height: number, lines: PageLine[]) => PageHeading[];

const pagesPerEntry = 10;
const mostHeadingLines = 3;
const largerThanBody = 1.15;

/** By the outline where the file has a useful one, else by the size of the letters. */
export function createHeadingFinder(head: PagedHead, survey: Survey): FindHeadings {
  const targets = head.outline.filter(({ page }) => page >= 1 && page <= head.pages);
  if (targets.length > 0 && targets.length * pagesPerEntry >= head.pages) {
    const byPage = Map.groupBy(targets, ({ page }) => page);
    return (page, _height, lines) => placeHeadings(byPage.get(page) ?? [], lines);
  }
  const body = bodySize(survey);
  if (body === 0) return () => [];
  const sizes = [...survey.headingSizes].filter((size) => size >= body * largerThanBody).sort((a, b) => b - a);
  return (_page, height, lines) => findLargeLines(lines, height, sizes);
}

function placeHeadings(targets: OutlineTarget[], lines: PageLine[]): PageHeading[] {
  const placed: PageHeading[] = [];
  for (const target of targets) placed.push(placeHeading(target, lines, placed.at(-1)));
  return placed.toSorted((a, b) => a.index - b.index);
}

function placeHeading({ title, level, y }: OutlineTarget, lines: PageLine[], former?: PageHeading): PageHeading {
  const after = former ? former.index + former.count : 0;
  const distance = (index: number) =>
    y === null ? (index < after ? 1e6 : 0) + index : Math.abs((lines[index]?.y ?? 0) - y);
  const [best] = findTitle(title, lines).toSorted((a, b) => distance(a.index) - distance(b.index));
  if (best) return { level, ...best };
  const below = y === null ? after : lines.findIndex((line) => line.size > 0 && line.y >= y);
  return { level, title, index: below < 0 ? lines.length : below, count: 0 };
}

/** Where a page prints a title, with its number or without, on one line or a few. */
function findTitle(title: string, lines: PageLine[]): { index: number; count: number }[] {
  const wanted = new Set([squeeze(title), squeeze(dropNumber(title))]);
  wanted.delete("");
  const found: { index: number; count: number }[] = [];
  for (const [index, line] of lines.entries()) {
    let printed = dropNumber(line.text);
    for (let count = 1; count <= mostHeadingLines; count += 1) {
      if (wanted.has(squeeze(printed))) found.push({ index, count });
      const next = lines[index + count];
      if (!next || printed.length > title.length) break;
      printed += next.text;
    }
  }
  return found;
}

function squeeze(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

function dropNumber(text: string): string {
  return text.replace(/^\s*(?:\p{N}+\.?)+\s+/u, "");
}

/** Lines in letters of one of these sizes, the largest first in rank; lines of one size that follow each other are one heading. */
function findLargeLines(lines: PageLine[], height: number, sizes: number[]): PageHeading[] {
  const found: (PageHeading & { size: number })[] = [];
  for (const [index, line] of lines.entries()) {
    const size = roundSize(line.size);
    const rank = sizes.indexOf(size);
    if (rank < 0 || !mayBeHeading(line, height)) continue;
    const last = found.at(-1);
    const follows = last && last.index + last.count === index && last.size === size;
    if (follows && last.count < mostHeadingLines) last.count += 1;
    else found.push({ index, count: 1, level: Math.min(rank + 1, 6), size });
  }
  return found.map(({ size: _, ...heading }) => heading);
}
