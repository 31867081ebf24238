import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { isLowSurrogate } from "#lib/ingestion/is-low-surrogate.ts";

interface Range {
  start: number;
  end: number;
}

/** Cuts a range that has no place to cut at into pieces of at most `budget` tokens, never within a character. */
export function splitHard(text: string, range: Range, budget: number): Range[] {
  const pieces: Range[] = [];
  // No token is longer than this in a text without blanks, by far; the loop shrinks it to what fits.
  let length = budget * 4;
  for (let start = range.start; start < range.end; ) {
    let end = alignEnd(text, start, Math.min(start + length, range.end));
    let count = countTokens(text.slice(start, end));
    while (count > budget && end - start > 2) {
      const shrunk = Math.min(Math.floor(((end - start) * budget) / count), end - start - 1);
      end = alignEnd(text, start, start + Math.max(shrunk, 1));
      count = countTokens(text.slice(start, end));
    }
    pieces.push({ start, end });
    length = Math.min(budget * 4, Math.ceil((end - start) * 1.2));
    start = end;
  }
  return pieces;
}

/** No character that anybody reads has more marks; one that has is cut within them. */
const longestCharacter = 64;

/** The end moved so that it does not part a surrogate pair, nor a mark from its letter, and is after `start`. */
function alignEnd(text: string, start: number, end: number): number {
  const least = Math.max(start + 1, end - longestCharacter);
  let at = end;
  while (at > least && at < text.length && isContinuation(text, at)) at -= 1;
  if (at === least && isContinuation(text, at)) at = end;
  if (!isLowSurrogate(text, at)) return at;
  return at > start + 1 ? at - 1 : at + 1;
}

function isContinuation(text: string, at: number): boolean {
  return isLowSurrogate(text, at) || /[\p{M}\u200d]/u.test(text[at] ?? "");
}
