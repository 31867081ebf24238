import type { OutlineTarget } from "#lib/ingestion/pages/schema.ts";
import type { PdfDocument, PdfOutlineItem } from "#lib/ingestion/parsers/pdf-engine.ts";

const mostEntries = 10_000;

/** The entries of a file's outline that point into it, in the order of the outline. */
export async function readOutline(document: PdfDocument): Promise<OutlineTarget[]> {
  const targets: OutlineTarget[] = [];
  for (const { item, level } of flattenOutline((await document.getOutline()) ?? [])) {
    const target = await resolveTarget(document, item, level).catch(() => null);
    if (target) targets.push(target);
  }
  return targets;
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

async function resolveTarget(
  document: PdfDocument,
  item: PdfOutlineItem,
  level: number,
): Promise<OutlineTarget | null> {
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
