import { formatNumber } from "./documents/format.ts";

interface Source {
  title?: string;
  pageFrom: number | null;
  pageTo: number | null;
  headingPath: string[];
  /** The place among the passages of the document, from 0. It is told where there are no pages. */
  ordinal: number;
  /** How many passages the document has. */
  count?: number;
}

/** Where a passage stands: document, pages or number, headings. A first heading that is the title is not said again. */
export function Citation({ title, headingPath, ...place }: Source) {
  const headings = headingPath[0] === title ? headingPath.slice(1) : headingPath;
  const parts = [title, describePlace(place), headings.join(" › ")].filter(Boolean);
  return <cite style={{ fontStyle: "normal" }}>{parts.join(" · ")}</cite>;
}

function describePlace({ pageFrom, pageTo, ordinal, count }: Omit<Source, "title" | "headingPath">): string {
  if (pageFrom === null) {
    return `passage ${formatNumber(ordinal + 1)}${count ? ` of ${formatNumber(count)}` : ""}`;
  }
  return pageTo === null || pageTo === pageFrom ? `page ${pageFrom}` : `pages ${pageFrom}–${pageTo}`;
}
