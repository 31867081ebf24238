import { countTokens as count, decode } from "gpt-tokenizer/encoding/cl100k_base";

/** The tokenizer takes time by the square of a run of one class, so it gets pieces of at most this many UTF-16 units. */
const pieceLength = 1500;

/** Tokens of a text by cl100k_base; control tokens in it are text. */
export function countTokens(text: string): number {
  let tokens = 0;
  let start = 0;
  while (start < text.length) {
    let end = Math.min(start + pieceLength, text.length);
    if (end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00) end -= 1;
    tokens += count(text.slice(start, end), { disallowedSpecial: new Set() });
    start = end;
  }
  return tokens;
}

export function decodeTokens(tokens: number[]): string {
  return decode(tokens);
}
