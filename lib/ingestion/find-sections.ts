import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { cutText } from "#lib/ingestion/clean-text.ts";
import type { Block, ParsedWindow } from "#lib/ingestion/schema.ts";

/** Longer headings are cut here, in UTF-16 units: they are for citing, and their text stands in the passage as well. */
const longestHeading = 200;
/** The most of a passage that its headings may take. */
const headingShare = 0.25;

export interface SectionPart {
  start: number;
  end: number;
  /** A row of a table is not begun in its middle. */
  isTable: boolean;
}

/** A run of text under one heading path. Its parts, the blocks with what follows each, tile it. */
export interface Section {
  headingPath: string[];
  start: number;
  end: number;
  parts: SectionPart[];
}

/** The sections of a document in order; they tile its text. A heading with nothing under it but smaller headings begins the next section. */
export function findSections({ text, blocks }: ParsedWindow, chunkTokens: number): Section[] {
  const sections: Section[] = [];
  const path: { level: number; title: string }[] = [];
  let open: Section | undefined;
  let headingPath: string[] = [];
  let headingsOnly = false;
  for (const [index, block] of blocks.entries()) {
    const start = index === 0 ? 0 : block.start;
    const part = { start, end: blocks[index + 1]?.start ?? text.length, isTable: block.kind === "table" };
    if (block.kind === "heading") {
      enterHeading(path, block, text);
      headingPath = limitPath(
        path.map((heading) => heading.title),
        chunkTokens,
      );
    }
    if (open && (headingsOnly || block.kind !== "heading")) {
      open.end = part.end;
      open.parts.push(part);
      // Under a heading without text of its own, the deeper heading is the one to cite.
      if (headingsOnly) open.headingPath = headingPath;
    } else {
      open = { headingPath, start: part.start, end: part.end, parts: [part] };
      sections.push(open);
    }
    headingsOnly = block.kind === "heading" && (headingsOnly || open.parts.length === 1);
  }
  return blocks.length > 0
    ? sections
    : [{ headingPath: [], start: 0, end: text.length, parts: [{ start: 0, end: text.length, isTable: false }] }];
}

function enterHeading(path: { level: number; title: string }[], block: Block, text: string): void {
  const level = block.level ?? 1;
  while (path.length > 0 && (path.at(-1)?.level ?? 0) >= level) path.pop();
  const title = block.title ?? text.slice(block.start, block.end).replace(/\s+/g, " ").trim();
  if (title) path.push({ level, title: cutText(title, longestHeading) });
}

function limitPath(titles: string[], chunkTokens: number): string[] {
  const limit = Math.floor(chunkTokens * headingShare);
  let from = 0;
  while (from < titles.length && countTokens(titles.slice(from).join(" > ")) > limit) from += 1;
  return titles.slice(from);
}
