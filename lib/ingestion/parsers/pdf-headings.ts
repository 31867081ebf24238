import type { PdfDocument, PdfOutlineItem } from "#lib/ingestion/parsers/pdf-engine.ts";
import type { PdfLine, PdfPageLines } from "#lib/ingestion/parsers/pdf-lines.ts";

/** A heading of a page: `count` lines from `index` on, or none of them when the page does not print its `title`. */
export interface PdfHeading {
  page: number;
  index: number;
  count: number;
  level: number;
  title?: string;
}

const mostEntries = 10_000;
const pagesPerEntry = 10;
const mostHeadingLines = 3;

/** Headings by the outline where the file has a useful one, else by the size of the letters. */
export async function findHeadings(document: PdfDocument, pages: PdfPageLines[]): Promise<PdfHeading[]> {
  const outlined = await readOutline(document, pages).catch(() => []);
  return outlined.length * pagesPerEntry >= pages.length ? outlined : findLargeLines(pages);
}

interface Target {
  title: string;
  level: number;
  page: number;
  /** The distance from the top of the page, null when the outline names the page only. */
  y: number | null;
}

async function readOutline(document: PdfDocument, pages: PdfPageLines[]): Promise<PdfHeading[]> {
  const headings: PdfHeading[] = [];
  for (const { item, level } of flattenOutline((await document.getOutline()) ?? [])) {
    const target = await resolveTarget(document, item, level).catch(() => null);
    const page = target && pages[target.page - 1];
    if (target && page) headings.push(placeHeading(target, page.lines, headings.at(-1)));
  }
  return headings.toSorted((a, b) => a.page - b.page || a.index - b.index);
}

function flattenOutline(roots: PdfOutlineItem[]): { item: PdfOutlineItem; level: number }[] {
  const found: { item: PdfOutlineItem; level: number }[] = [];
  const stack = roots.map((item) => ({ item, level: 1 })).reverse();
  for (let next = stack.pop(); next && found.length < mostEntries; next = stack.pop()) {
    if (next.item.title.trim() !== "") found.push(next);
    const level = next.level + 1;
    stack.push(...next.item.items.map((item) => ({ item, level })).reverse());
  }
  return found;
}

async function resolveTarget(document: PdfDocument, item: PdfOutlineItem, level: number): Promise<Target | null> {
  const dest = typeof item.dest === "string" ? await document.getDestination(item.dest) : item.dest;
  const [ref, mode, ...numbers] = dest ?? [];
  if (ref === undefined || ref === null) return null;
  const page = (typeof ref === "number" ? ref : await document.getPageIndex(ref as object)) + 1;
  const name = (mode as { name?: string } | undefined)?.name;
  const raw = name === "XYZ" ? numbers[1] : name === "FitH" || name === "FitBH" ? numbers[0] : null;
  const viewport = typeof raw === "number" ? (await document.getPage(page)).getViewport({ scale: 1 }) : null;
  const y = viewport && typeof raw === "number" ? (viewport.convertToViewportPoint(0, raw)[1] ?? null) : null;
  return { title: item.title, level, page, y };
}

function placeHeading({ title, level, page, y }: Target, lines: PdfLine[], former: PdfHeading | undefined): PdfHeading {
  const after = former?.page === page ? former.index + former.count : 0;
  const matches = findTitle(title, lines);
  const distance = (index: number) =>
    y === null ? (index < after ? 1e6 : 0) + index : Math.abs((lines[index]?.y ?? 0) - y);
  const [best] = matches.toSorted((a, b) => distance(a.index) - distance(b.index));
  if (best) return { page, level, ...best };
  const below = y === null ? after : lines.findIndex((line) => line.size > 0 && line.y >= y);
  return { page, level, title, index: below < 0 ? lines.length : below, count: 0 };
}

/** Where a page prints a title, with its number or without, on one line or a few. */
function findTitle(title: string, lines: PdfLine[]): { index: number; count: number }[] {
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

const largerThanBody = 1.15;
const longestHeading = 200;
/** Below this share of the page's height stand feet, however large. */
const footZone = 0.92;

function findLargeLines(pages: PdfPageLines[]): PdfHeading[] {
  const body = bodySize(pages);
  if (body === 0) return [];
  const isLarge = ({ text, y, size }: PdfLine, height: number) =>
    y < height * footZone &&
    size >= body * largerThanBody &&
    text.length <= longestHeading &&
    /\p{L}.*\p{L}/u.test(text);
  const found: (PdfHeading & { size: number })[] = [];
  for (const { number, height, lines } of pages) {
    for (const [index, line] of lines.entries()) {
      if (!isLarge(line, height)) continue;
      const size = roundSize(line.size);
      const last = found.at(-1);
      const follows = last?.page === number && last.index + last.count === index && last.size === size;
      if (last && follows && last.count < mostHeadingLines) last.count += 1;
      else found.push({ page: number, index, count: 1, level: 1, size });
    }
  }
  const sizes = [...new Set(found.map(({ size }) => size))].sort((a, b) => b - a);
  return found.map(({ size, ...heading }) => ({ ...heading, level: Math.min(sizes.indexOf(size) + 1, 6) }));
}

/** The size that most letters have. */
function bodySize(pages: PdfPageLines[]): number {
  const letters = new Map<number, number>();
  for (const { lines } of pages) {
    for (const { text, size } of lines) {
      if (size > 0) letters.set(roundSize(size), (letters.get(roundSize(size)) ?? 0) + text.length);
    }
  }
  return [...letters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

function roundSize(size: number): number {
  return Math.round(size * 2) / 2;
}
