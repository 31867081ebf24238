import { countTokens as countByMerging, setMergeCacheSize } from "gpt-tokenizer/encoding/cl100k_base";

/**
 * How cl100k_base parts a text before it looks for tokens: none reaches over the end of a piece. The package's own expression,
 * which it does not export (a test holds the counts against it), but for the bound of 100,000: without it megabytes of letters or signs
 * overflow the stack.
 */
const pieces =
  /'(?:[sS]|[dD]|[mM]|[tT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}{1,100000}|\p{N}{1,3}| ?[^\s\p{L}\p{N}]{1,100000}[\r\n]*|\s+$|\s*[\r\n]|\s+(?!\S)|\s/gu;
/** Merging takes time by the square of a piece (50,000 blanks: seconds), so longer ones are cut at this many UTF-16 units. */
const longestPiece = 200;
const asText = { disallowedSpecial: new Set<string>() };

/** Words come again: looking one up takes a fifth of merging it. Emptied when full. */
const known = new Map<string, number>();
const mostKnown = 50_000;
// It would keep the same once more.
setMergeCacheSize(0);

/** Gets where the next piece ends, its tokens, and whether it was cut within a piece that is too long; tells whether to go on. */
export type TakePiece = (end: number, tokens: number, isCut: boolean) => boolean;

/** Goes through a text by the pieces that the tokenizer never joins. Text that looks like a control token is text. */
export function scanTokens(text: string, take: TakePiece): void {
  for (let start = 0; start < text.length; ) {
    pieces.lastIndex = start;
    const end = pieces.test(text) ? pieces.lastIndex : text.length;
    while (end - start > longestPiece) {
      const cut = start + longestPiece - (splitsPair(text, start + longestPiece) ? 1 : 0);
      if (!take(cut, countPiece(text.slice(start, cut)), true)) return;
      start = cut;
    }
    if (!take(end, countPiece(text.slice(start, end)), false)) return;
    start = end;
  }
}

function countPiece(piece: string): number {
  const found = known.get(piece);
  if (found !== undefined) return found;
  const tokens = countByMerging(piece, asText);
  if (known.size >= mostKnown) known.clear();
  // A copy, for a slice keeps the whole text in memory that it was cut from.
  known.set(Buffer.from(piece).toString(), tokens);
  return tokens;
}

function splitsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
}
