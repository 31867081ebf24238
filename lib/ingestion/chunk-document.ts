import { setImmediate as letOthersRun } from "node:timers/promises";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { findPages } from "#lib/ingestion/find-pages.ts";
import { findSections, type Section } from "#lib/ingestion/find-sections.ts";
import { isLowSurrogate } from "#lib/ingestion/is-low-surrogate.ts";
import { type Chunk, embeddingInput, type ParsedWindow } from "#lib/ingestion/schema.ts";
import { splitHard } from "#lib/ingestion/split-hard.ts";

/** Where a text is cut, the best places first; no empty one, which would cut a character in two. */
const separators = [
  "\n\n",
  "\n",
  "。",
  "．",
  "！",
  "？",
  ". ",
  "! ",
  "? ",
  "; ",
  "；",
  "，",
  "、",
  ", ",
  " ",
  "\u200b",
];

interface Settings {
  chunkTokens: number;
  chunkOverlapTokens: number;
}

/** UTF-16 offsets into the document's text. */
interface Range {
  start: number;
  end: number;
}

/** Counting is what takes the time here, so a count is kept with what was counted. */
interface Counted extends Range {
  tokens: number;
}

/** Turns to let others have: a book is a second of work. */
const rangesPerTurn = 500;

/**
 * Cuts a document into passages of at most `chunkTokens` tokens, their headings counted in. Structure first: passages do not
 * cross a heading, and a block is cut only when it alone is too large; where a section is cut, the next passage begins up to
 * `chunkOverlapTokens` earlier. All text that is not blank is in some passage. The same document gives the same passages.
 */
export async function chunkDocument(parsed: ParsedWindow, settings: Settings): Promise<Chunk[]> {
  const { text, pages } = parsed;
  const chunks: Chunk[] = [];

  function add({ start, end }: Range, headingPath: string[], most = settings.chunkTokens): boolean {
    const content = text.slice(start, end);
    const tokenCount = countTokens(embeddingInput({ headingPath, content }));
    if (tokenCount > most) return false;
    const place = { ...findPages(pages, start, end), charFrom: start, charTo: end };
    chunks.push({ ordinal: chunks.length, content, headingPath, ...place, tokenCount });
    return true;
  }

  for (const section of findSections(parsed, settings.chunkTokens)) {
    const { headingPath } = section;
    const budget = settings.chunkTokens - countTokens(embeddingInput({ headingPath, content: "" }));
    for (const { range, extended } of await cutSection(text, section, budget, settings.chunkOverlapTokens)) {
      if (add(extended, headingPath) || add(range, headingPath)) continue;
      // Counts of parts may fall short of the whole's by a few tokens.
      const pieces = splitHard(text, range, Math.floor(budget * 0.9));
      for (const piece of pieces.flatMap((each) => trim(text, each) ?? [])) {
        add(piece, headingPath, Number.POSITIVE_INFINITY);
      }
    }
  }
  return chunks;
}

/** A passage as it is cut, and with what it repeats of the former one. */
interface Candidate {
  range: Range;
  extended: Range;
}

async function cutSection(text: string, section: Section, budget: number, overlapTokens: number): Promise<Candidate[]> {
  // What the overlap may add must still fit.
  const overlap = Math.min(overlapTokens, Math.floor(budget / 4));
  const whole = trim(text, section);
  if (!whole) return [];
  // Beyond this length no prose fits, so it is not counted in vain.
  if (whole.end - whole.start < budget * 8 && count(text, whole).tokens <= budget) {
    return [{ range: whole, extended: whole }];
  }
  const packed = await pack(text, await cutBlocks(text, section.parts, budget - overlap), budget - overlap);
  return packed.map((range, index) => {
    const former = packed[index - 1];
    return { range, extended: former ? extendBack(text, range, former, overlap, findStart(section, range)) : range };
  });
}

/** The parts of a section, each at most `budget` tokens: a block, where it is larger its lines, where a line is larger pieces of it. */
async function cutBlocks(text: string, parts: Range[], budget: number): Promise<Counted[]> {
  const cut: Counted[] = [];
  for (const part of parts) {
    const block = count(text, part);
    if (block.tokens <= budget) cut.push(block);
    else {
      for (const line of splitLines(text, part)) {
        const counted = count(text, line);
        if (counted.tokens <= budget) cut.push(counted);
        else for (const piece of await cutLine(text, line, budget)) cut.push(piece);
      }
    }
    if (cut.length % rangesPerTurn === 0) await letOthersRun();
  }
  return cut;
}

/** Joins neighbours while they fit. Tokens do not cross the end of a line, so that counts add up. */
async function pack(text: string, parts: Counted[], budget: number): Promise<Range[]> {
  const packed: Counted[] = [];
  for (const [index, part] of parts.entries()) {
    const last = packed.at(-1);
    if (last && last.tokens + part.tokens <= budget) {
      last.end = part.end;
      last.tokens += part.tokens;
    } else packed.push({ ...part });
    if (index % rangesPerTurn === 0) await letOthersRun();
  }
  return packed.flatMap((range) => trim(text, range) ?? []);
}

function splitLines(text: string, { start, end }: Range): Range[] {
  const lines: Range[] = [];
  for (let from = start; from < end; ) {
    const newline = text.indexOf("\n", from);
    let to = newline < 0 || newline >= end ? end : newline + 1;
    while (to < end && text[to] === "\n") to += 1;
    lines.push({ start: from, end: to });
    from = to;
  }
  return lines;
}

async function cutLine(text: string, line: Range, budget: number): Promise<Counted[]> {
  const splitter = new RecursiveCharacterTextSplitter({
    chunkSize: budget,
    chunkOverlap: 0,
    separators,
    lengthFunction: countTokens,
  });
  const pieces = await splitter.splitText(text.slice(line.start, line.end));
  const found: Range[] = [];
  let at = line.start;
  for (const piece of pieces) {
    while (at < line.end && !text.startsWith(piece, at) && isBlank(text[at])) at += 1;
    // A piece that is not the next thing in the text (the splitter has dropped something): the rest is cut by length alone.
    if (!text.startsWith(piece, at)) break;
    found.push(alignRange(text, { start: at, end: at + piece.length }));
    at += piece.length;
  }
  const rest = trim(text, { start: at, end: line.end });
  if (rest) found.push(rest);
  const cut = found.map((piece) => count(text, piece));
  return cut.flatMap((piece) =>
    piece.tokens <= budget ? [piece] : splitHard(text, piece, budget).map((range) => count(text, range)),
  );
}

/** Where nothing else is left the splitter cuts between the halves of a surrogate pair; such a cut is moved before the pair. */
function alignRange(text: string, { start, end }: Range): Range {
  const align = (at: number) => (isLowSurrogate(text, at) ? at - 1 : at);
  return { start: align(start), end: align(end) };
}

type FindStart = (text: string, from: number, limit: number) => number;

/** Begins a passage earlier, where the former one has a place to begin, by at most `overlap` tokens. */
function extendBack(text: string, range: Range, former: Range, overlap: number, find: FindStart): Range {
  // Four characters a token is what English has; where there are fewer, the first count tells how many.
  let reach = overlap * 4;
  for (let attempt = 0; reach >= 8 && attempt < 3; attempt += 1) {
    const start = find(text, Math.max(range.start - reach, former.start), range.start);
    if (start >= range.start) return range;
    const { tokens } = count(text, { start, end: range.start });
    if (tokens <= overlap) return { start, end: range.end };
    reach = Math.floor(((range.start - start) * overlap * 0.9) / tokens);
  }
  return range;
}

/** What finds the place to begin at: of a table a row, of all else a word. */
function findStart({ parts }: Section, { start }: Range): FindStart {
  return parts.some((part) => part.isTable && part.start <= start && start < part.end) ? nextRow : nextWord;
}

/** The first row that begins after `from`, before `limit`; `limit` when there is none. */
function nextRow(text: string, from: number, limit: number): number {
  const newline = text.indexOf("\n", from);
  let at = newline < 0 ? limit : newline + 1;
  // A row whose first cell is empty begins with the blank before its first mark.
  while (at < limit && isBlank(text[at])) at += 1;
  return Math.min(at, limit);
}

/** The first place after a blank from `from` on, before `limit`; `limit` when there is none. */
function nextWord(text: string, from: number, limit: number): number {
  for (let at = from; at < limit; at += 1) if (isBlank(text[at]) && !isBlank(text[at + 1])) return at + 1;
  return limit;
}

function count(text: string, { start, end }: Range): Counted {
  return { start, end, tokens: countTokens(text.slice(start, end)) };
}

function trim(text: string, { start, end }: Range): Range | null {
  let from = start;
  let to = end;
  while (from < to && isBlank(text[from])) from += 1;
  while (to > from && isBlank(text[to - 1])) to -= 1;
  return from < to ? { start: from, end: to } : null;
}

function isBlank(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character);
}
