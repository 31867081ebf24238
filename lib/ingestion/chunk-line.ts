import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { isLowSurrogate } from "#lib/ingestion/is-low-surrogate.ts";
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

interface Range {
  start: number;
  end: number;
}

/** Cuts a text that has no line to cut at into ranges of at most `budget` tokens, at the ends of sentences where it can. What is blank may be in none. */
export async function chunkLine(line: string, budget: number): Promise<Range[]> {
  const splitter = new RecursiveCharacterTextSplitter({
    // The splitter leaves the mark that ends a sentence to the next one.
    chunkSize: Math.max(budget - 1, 1),
    chunkOverlap: 0,
    separators,
    lengthFunction: countTokens,
  });
  const found: Range[] = [];
  let at = 0;
  for (const piece of await splitter.splitText(line)) {
    while (at < line.length && !line.startsWith(piece, at) && /\s/.test(line.charAt(at))) at += 1;
    // A piece that is not the next thing in the text (the splitter has dropped something): the rest is cut by length alone.
    if (!line.startsWith(piece, at)) break;
    const former = found.at(-1);
    const isMark = former?.end === at && /[.!?;,。．！？；，、]/.test(line.charAt(at));
    if (isMark) former.end += 1;
    found.push({ start: align(line, isMark ? at + 1 : at), end: align(line, at + piece.length) });
    at += piece.length;
  }
  if (at < line.length) found.push({ start: at, end: line.length });
  return found.flatMap((piece) =>
    countTokens(line.slice(piece.start, piece.end)) <= budget ? [piece] : splitHard(line, piece, budget),
  );
}

/** Where nothing else is left the splitter cuts between the halves of a surrogate pair; such a cut is moved before the pair. */
function align(line: string, at: number): number {
  return isLowSurrogate(line, at) ? at - 1 : at;
}
