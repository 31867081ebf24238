import { setImmediate as letOthersRun } from "node:timers/promises";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { chunkLine } from "#lib/ingestion/chunk-line.ts";
import { createHeadingPath, type HeadingPath } from "#lib/ingestion/create-heading-path.ts";
import { createRuler } from "#lib/ingestion/create-ruler.ts";
import { createTables } from "#lib/ingestion/create-tables.ts";
import { findPages } from "#lib/ingestion/find-pages.ts";
import {
  type Block,
  type Chunk,
  embeddingInput,
  type Page,
  type ParsedWindow,
  type PipelineSettings,
} from "#lib/ingestion/schema.ts";
import { splitHard } from "#lib/ingestion/split-hard.ts";

/** In tokens. */
export type ChunkSettings = Pick<PipelineSettings, "chunkTokens" | "chunkOverlapTokens">;

export interface Chunker {
  /** The passages that are settled with the next window of a document: their text may begin in a former one. */
  add(window: ParsedWindow): Promise<Chunk[]>;
  /** The rest. */
  finish(): Promise<Chunk[]>;
}

/** UTF-16 offsets into the document's text. */
interface Range {
  start: number;
  end: number;
}

/** A passage that still grows. */
interface Passage extends Range {
  headings: HeadingPath;
  /** Whether it holds nothing but headings so far. */
  isHeading: boolean;
  /** With the head of the table that it begins in, without headings. */
  tokens: number;
}

/** The most of a passage that headings may take and still have what follows them cut so that it stands with them. */
const leadShare = 0.25;
/** What the empty line between a heading and what follows it may take, in tokens. */
const gapTokens = 2;
/** What was counted in parts may have more tokens: measured, 3 of 400. */
const cutError = 1.01;
/** Turns to let others have: a book is half a second of work. */
const piecesPerTurn = 500;

/**
 * Cuts a document into passages of at most `chunkTokens` tokens, their headings counted in. Structure first: passages do not
 * cross a heading, and a block is cut only when it alone is too large; where a section is cut, the next passage begins up to
 * `chunkOverlapTokens` earlier. All text that is not blank is in some passage. The same document gives the same passages,
 * however it comes in windows, of which no more is kept than what may still grow.
 */
export function createChunker({ chunkTokens, chunkOverlapTokens }: ChunkSettings): Chunker {
  const ruler = createRuler();
  const tables = createTables(chunkTokens);
  const enterHeading = createHeadingPath(chunkTokens);
  let headings: HeadingPath = { titles: [], tokens: 0 };
  let pages: Page[] = [];
  /** The last block with text, which reaches to where the next one begins, and the headings without text since. */
  let held: Pick<Block, "kind" | "level" | "title" | "start"> | undefined;
  let titles: Block[] = [];
  /** A heading with nothing under it but smaller headings stands with what comes under those. */
  let isHeadingsOnly = true;
  let isUnderNames = false;
  let open: Passage | undefined;
  let former: Range | undefined;
  let settled: Chunk[] = [];
  let ordinal = 0;
  let turns = 0;

  const budget = () => chunkTokens - headings.tokens;
  // What the overlap may add must still fit.
  const overlap = () => Math.min(chunkOverlapTokens, Math.floor(budget() / 4));

  async function enter({ kind, level, title, start }: NonNullable<typeof held>, end: number): Promise<void> {
    const text = ruler.slice(start, end);
    if (kind === "heading") startSection(level, title ?? text);
    if (kind === "table") tables.enter({ start, end, text, headings: headings.titles, isUnderNames });
    await cut({ start, end }, kind === "heading");
    isHeadingsOnly &&= kind === "heading";
  }

  function startSection(level: number | undefined, title: string, { isTextless = false } = {}): void {
    if (!isHeadingsOnly) endSection();
    isHeadingsOnly = true;
    // A long table of a sheet is under a heading that names its columns.
    isUnderNames = isTextless && title.includes(" | ");
    headings = enterHeading(level ?? 1, title);
  }

  /** A block goes on whole where it fits, else line by line, and a line that does not fit in pieces. */
  async function cut(block: Range, isHeading: boolean): Promise<void> {
    // Beyond this length no prose fits, so it is not counted at once.
    if (block.end - block.start < chunkTokens * 8) {
      ruler.read(block.end);
      if (await push(block, isHeading, room())) return;
    }
    for (const line of splitLines(ruler.slice(block.start, block.end), block.start)) {
      ruler.read(line.end);
      if (await push(line, isHeading, room())) continue;
      const most = Math.max(Math.min(room(), budget() - overlap()) - (tables.headAt(line.start)?.tokens ?? 0), 1);
      for (const piece of await chunkLine(ruler.slice(line.start, line.end), most)) {
        await push(shift(piece, line.start), isHeading, Number.POSITIVE_INFINITY);
      }
    }
  }

  /** What a whole block or line may have: it stands with the headings right above it. */
  function room(): number {
    return open?.isHeading && open.tokens <= chunkTokens * leadShare ? budget() - open.tokens - gapTokens : budget();
  }

  /** Puts a piece to the passage that grows, or begins the next one with it; false when it has more than `most` tokens. */
  async function push(tile: Range, isHeading: boolean, most: number): Promise<boolean> {
    const piece = trim(tile);
    if (!piece) return true;
    const tokens = ruler.count(piece.start, piece.end);
    if (tokens > most) return false;
    if (++turns % piecesPerTurn === 0) await letOthersRun();
    if (open) {
      const together = ruler.count(open.start, piece.end) + (tables.headAt(open.start)?.tokens ?? 0);
      if (together <= (former && !open.isHeading ? budget() - overlap() : budget())) {
        open = {
          start: open.start,
          end: piece.end,
          headings,
          isHeading: open.isHeading && isHeading,
          tokens: together,
        };
        return true;
      }
      settle(open);
    }
    open = { ...piece, headings, isHeading, tokens: tokens + (tables.headAt(piece.start)?.tokens ?? 0) };
    return true;
  }

  function endSection(): void {
    if (open) settle(open);
    open = undefined;
    former = undefined;
  }

  function settle(passage: Passage): void {
    const extended = { start: extendBack(passage), end: passage.end };
    if (!give(extended, passage.headings) && !give(passage, passage.headings)) {
      // What was counted in parts may have more.
      const content = ruler.slice(passage.start, passage.end);
      const most = Math.floor((chunkTokens - passage.headings.tokens) * 0.9);
      for (const part of splitHard(content, { start: 0, end: content.length }, most)) {
        const piece = trim(shift(part, passage.start));
        if (piece) give(piece, passage.headings, Number.POSITIVE_INFINITY);
      }
    }
    former = { start: passage.start, end: passage.end };
    ruler.drop(passage.start);
    tables.drop(passage.start);
  }

  /** Where a passage begins that repeats the end of the former one: in a table at a row, else at a line or sentence, or at a word where there is none. */
  function extendBack({ start, end, headings: { tokens } }: Passage): number {
    const limit = Math.min(chunkOverlapTokens, Math.floor((chunkTokens - tokens) / 4));
    if (!former || limit === 0) return start;
    const from = Math.max(ruler.reach(start, limit), former.start);
    const text = ruler.slice(from, start);
    for (const next of tables.holds(start) ? [nextRow] : [nextSentence, nextWord]) {
      for (let at = next(text, 0); at < text.length; at = next(text, at)) {
        if (tables.holds(from + at) && !beginsLine(text, at)) continue;
        if (ruler.count(from + at, start) > limit) continue;
        const head = tables.headAt(from + at)?.tokens ?? 0;
        if (tokens + head + ruler.count(from + at, end) <= chunkTokens) return from + at;
      }
    }
    return start;
  }

  function give({ start, end }: Range, { titles, tokens }: HeadingPath, most = chunkTokens): boolean {
    const content = ruler.slice(start, end);
    const isCut = ruler.isCut(start, end);
    const base = { headingPath: titles, content };
    const count = isCut ? countTokens(embeddingInput(base)) : tokens + ruler.count(start, end);
    if (count * (isCut ? cutError : 1) > most) return false;
    const head = tables.headAt(start);
    const headed = head && count + head.tokens <= chunkTokens ? head : undefined;
    settled.push({
      ordinal: ordinal++,
      ...base,
      ...(headed ? { tableHead: headed.text } : {}),
      ...findPages(pages, start, end),
      charFrom: start,
      charTo: end,
      tokenCount: count + (headed?.tokens ?? 0),
    });
    return true;
  }

  function trim({ start, end }: Range): Range | null {
    const text = ruler.slice(start, end);
    const length = text.trimEnd().length;
    return length === 0 ? null : { start: end - text.trimStart().length, end: start + length };
  }

  function take(): Chunk[] {
    const taken = settled;
    settled = [];
    const page = pages.findLastIndex(({ start }) => start <= (former?.start ?? open?.start ?? 0));
    pages = pages.slice(Math.max(page, 0));
    return taken;
  }

  return {
    async add(window) {
      ruler.append(window.text);
      pages = pages.concat(window.pages);
      for (const block of window.blocks) {
        if (block.start === block.end) titles.push(block);
        else {
          if (held) await enter(held, block.start);
          for (const { level, title } of titles) startSection(level, title ?? "", { isTextless: true });
          titles = [];
          held = { ...block, start: held ? block.start : 0 };
        }
      }
      return take();
    },
    async finish() {
      await enter(held ?? { kind: "paragraph", start: 0 }, ruler.length());
      endSection();
      return take();
    },
  };
}

/** The lines of a text that is at a place; what is blank after one belongs to it, but for the blanks before the next one's first sign. */
function splitLines(text: string, place: number): Range[] {
  const lines: Range[] = [];
  for (let start = 0; start < text.length; ) {
    lineEnd.lastIndex = start;
    const end = lineEnd.test(text) ? lineEnd.lastIndex : text.length;
    lines.push({ start: place + start, end: place + end });
    start = end;
  }
  return lines;
}

const lineEnd = /\n(?:\s*\n)?/g;

function shift({ start, end }: Range, by: number): Range {
  return { start: start + by, end: end + by };
}

/** The first row that begins after `from`; the end of the text when there is none. */
function nextRow(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  let at = newline < 0 ? text.length : newline + 1;
  // A row whose first cell is empty begins with the blank before its first mark.
  while (at < text.length && isBlank(text.charAt(at))) at += 1;
  return at;
}

/** The first place after `from` where a line or a sentence begins; the end of the text when there is none. */
function nextSentence(text: string, from: number): number {
  sentenceEnd.lastIndex = from;
  return sentenceEnd.test(text) ? sentenceEnd.lastIndex : text.length;
}

const sentenceEnd = /(?:\n\s*|[.!?]["')\]”’»]?\s+|[。！？])(?=[^\s。！？])/g;

/** Whether nothing but blanks stands before a place in its line. */
function beginsLine(text: string, at: number): boolean {
  const newline = text.lastIndexOf("\n", at - 1);
  return newline >= 0 && text.slice(newline, at).trim() === "";
}

/** The first place from `from` on after a blank or the end of a sentence that needs none; the end of the text when there is none. */
function nextWord(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (/[\s。！？]/.test(text.charAt(at - 1)) && !/[\s。！？]/.test(text.charAt(at))) return at;
  }
  return text.length;
}

function isBlank(character: string): boolean {
  return /\s/.test(character);
}
