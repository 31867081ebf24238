import { countTokens as count, decode } from "gpt-tokenizer/encoding/cl100k_base";

/** The tokenizer takes time by the square of a run of one class, so it gets pieces of at most this many UTF-16 units. */
const pieceLength = 1500;
/** The ids of cl100k_base's plain tokens are below this, without a gap. */
const plainTokens = 100_256;

/** Tokens of a text by cl100k_base; control tokens in it are text. */
export function countTokens(text: string): number {
  let tokens = 0;
  let start = 0;
  while (start < text.length) {
    const end = pieceEnd(text, start);
    tokens += count(text.slice(start, end), { disallowedSpecial: new Set() });
    start = end;
  }
  return tokens;
}

/** After a word, where a cut changes no count; in a run that has no such place, between two characters. */
function pieceEnd(text: string, start: number): number {
  if (text.length - start <= pieceLength) return text.length;
  const piece = text.slice(start, start + pieceLength + 1);
  const untilWordEnd = /^.*[\p{L}\p{N}](?=[^\p{L}\p{N}\p{Cs}])/su.exec(piece);
  if (untilWordEnd) return start + untilWordEnd[0].length;
  const splitsPair = /[\ud800-\udbff][\udc00-\udfff]$/.test(piece);
  return start + pieceLength - (splitsPair ? 1 : 0);
}

export function isToken(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < plainTokens;
}

export function decodeTokens(tokens: number[]): string {
  return decode(tokens);
}
