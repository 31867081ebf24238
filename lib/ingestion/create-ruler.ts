import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { scanTokens } from "#lib/embeddings/scan-tokens.ts";

/** Offsets are UTF-16 units into the whole document, of which only what is still of use is kept. */
export interface Ruler {
  append(text: string): void;
  /** Where the text ends that was appended. */
  length(): number;
  slice(start: number, end: number): string;
  /** Counts on to `end`, which must be where tokens end: after a line, or at the end of the text. */
  read(end: number): void;
  /** The tokens of a range that was read and neither begins nor ends blank: exact unless `isCut`. */
  count(start: number, end: number): number;
  /** Whether a range holds a piece so long that it was counted in parts. */
  isCut(start: number, end: number): boolean;
  /** About the first place from which at most `tokens` tokens lead to `end`. */
  reach(end: number, tokens: number): number;
  /** Forgets what stands before a place. */
  drop(before: number): void;
}

/** Keeps the text of a document that is not yet cut and counts it once: each range of it is then a difference of two sums. */
export function createRuler(): Ruler {
  let text = "";
  /** The place of `text` in the document. */
  let base = 0;
  /** Where the tokenizer's pieces end, and the tokens of all text until there. */
  let ends = [0];
  let sums = [0];
  let cuts: number[] = [];

  const slice = (start: number, end: number) => text.slice(start - base, end - base);
  const sumAt = (index: number) => sums[index] ?? 0;

  return {
    slice,
    append(more) {
      text += more;
    },
    length: () => base + text.length,

    read(to) {
      const from = ends.at(-1) ?? base;
      let sum = sums.at(-1) ?? 0;
      scanTokens(slice(from, to), (end, tokens, isCut) => {
        sum += tokens;
        ends.push(from + end);
        sums.push(sum);
        if (isCut) cuts.push(from + end);
        return true;
      });
    },

    count(start, end) {
      let index = lastUntil(ends, start);
      let tokens = 0;
      let isAligned = ends[index] === start;
      if (!isAligned) {
        // A range that begins within a piece has other pieces, until one of them ends where one of the text's does.
        scanTokens(slice(start, end), (pieceEnd, pieceTokens) => {
          tokens += pieceTokens;
          while ((ends[index + 1] ?? Number.POSITIVE_INFINITY) <= start + pieceEnd) index += 1;
          isAligned = ends[index] === start + pieceEnd;
          return !isAligned;
        });
      }
      if (!isAligned) return tokens;
      const last = lastUntil(ends, end);
      const rest = ends[last] ?? end;
      return tokens + sumAt(last) - sumAt(index) + (rest < end ? countTokens(slice(rest, end)) : 0);
    },

    isCut: (start, end) => cuts.some((cut) => start < cut && cut < end),

    reach(end, tokens) {
      const least = sumAt(lastUntil(ends, end)) - tokens;
      return ends[Math.max(lastUntil(sums, least - 1) + 1, 0)] ?? base;
    },

    drop(before) {
      text = text.slice(before - base);
      base = before;
      const from = lastUntil(ends, before);
      // Not one by one, for each time all that is left is copied.
      if (from < ends.length / 2) return;
      ends = ends.slice(from);
      sums = sums.slice(from);
      cuts = cuts.filter((cut) => cut > before);
    },
  };
}

/** The index of the last of numbers that only grow which is at most `value`; -1 when there is none. */
function lastUntil(numbers: number[], value: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
