import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { findPages } from "#lib/ingestion/find-pages.ts";
import { findSections, type Section } from "#lib/ingestion/find-sections.ts";
import { type Chunk, embeddingInput, type ParsedDocument } from "#lib/ingestion/schema.ts";
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

/**
 * Cuts a document into passages of at most `chunkTokens` tokens, their headings counted in. Structure first: passages do not
 * cross a heading, and a block is cut only when it alone is too large; where a section is cut, the next passage begins up to
 * `chunkOverlapTokens` earlier. All text that is not blank is in some passage. The same document gives the same passages.
 */
export async function chunkDocument(parsed: ParsedDocument, settings: Settings): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (const section of findSections(parsed, settings.chunkTokens)) {
    const prefixTokens = countTokens(embeddingInput({ headingPath: section.headingPath, content: "" }));
    const budget = settings.chunkTokens - prefixTokens;
    for (const range of await cutSection(parsed.text, section, budget, settings.chunkOverlapTokens)) {
      const content = parsed.text.slice(range.start, range.end);
      const chunk = {
        ordinal: chunks.length,
        content,
        headingPath: section.headingPath,
        ...findPages(parsed.pages, range.start, range.end),
        charFrom: range.start,
        charTo: range.end,
      };
      chunks.push({ ...chunk, tokenCount: countTokens(embeddingInput(chunk)) });
    }
  }
  return chunks;
}

async function cutSection(text: string, section: Section, budget: number, overlapTokens: number): Promise<Range[]> {
  const whole = trim(text, section);
  if (!whole) return [];
  if (fits(text, whole, budget)) return [whole];
  // What the overlap may add must still fit.
  const overlap = Math.min(overlapTokens, Math.floor(budget / 4));
  const packed = await packBlocks(text, section.parts, budget - overlap);
  return packed.map((range, index) => {
    const former = packed[index - 1];
    return former ? extendBack(text, range, former, overlap, budget) : range;
  });
}

/** Joins neighbouring blocks while they fit, and cuts a block that does not fit alone. */
async function packBlocks(text: string, parts: Range[], budget: number): Promise<Range[]> {
  const packed: Range[] = [];
  let tokens = 0;
  for (const part of parts) {
    const range = trim(text, part);
    if (!range) continue;
    const count = countTokens(text.slice(range.start, range.end));
    const last = packed.at(-1);
    // One token for the break between two blocks.
    if (last && tokens + count + 1 <= budget && fits(text, { start: last.start, end: range.end }, budget)) {
      last.end = range.end;
      tokens += count + 1;
    } else if (count <= budget) {
      packed.push(range);
      tokens = count;
    } else {
      packed.push(...(await cutBlock(text, range, budget)));
      tokens = budget;
    }
  }
  return packed;
}

async function cutBlock(text: string, range: Range, budget: number): Promise<Range[]> {
  const splitter = new RecursiveCharacterTextSplitter({
    chunkSize: budget,
    chunkOverlap: 0,
    separators,
    lengthFunction: countTokens,
  });
  const pieces = await splitter.splitText(text.slice(range.start, range.end));
  const found: Range[] = [];
  let at = range.start;
  for (const piece of pieces) {
    while (at < range.end && !text.startsWith(piece, at) && isBlank(text[at])) at += 1;
    // A piece that is not the next thing in the text (the splitter has dropped something): the rest is cut by length alone.
    if (!text.startsWith(piece, at)) break;
    found.push({ start: at, end: at + piece.length });
    at += piece.length;
  }
  const rest = trim(text, { start: at, end: range.end });
  if (rest) found.push(rest);
  return found.flatMap((piece) => (fits(text, piece, budget) ? [piece] : splitHard(text, piece, budget)));
}

/** Begins a passage earlier, at a word of the former one, as far as overlap and budget allow. */
function extendBack(text: string, range: Range, former: Range, overlap: number, budget: number): Range {
  // Four characters a token is what English has; other scripts have fewer, and the loop finds out.
  for (let reach = overlap * 4; reach >= 8; reach = Math.floor(reach / 2)) {
    const start = nextWord(text, Math.max(range.start - reach, former.start), range.start);
    const added = countTokens(text.slice(start, range.start));
    if (start < range.start && added <= overlap && fits(text, { start, end: range.end }, budget)) {
      return { start, end: range.end };
    }
  }
  return range;
}

/** The first place after a blank from `from` on, before `limit`; `limit` when there is none. */
function nextWord(text: string, from: number, limit: number): number {
  for (let at = from; at < limit; at += 1) if (isBlank(text[at]) && !isBlank(text[at + 1])) return at + 1;
  return limit;
}

function fits(text: string, { start, end }: Range, budget: number): boolean {
  return countTokens(text.slice(start, end)) <= budget;
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
