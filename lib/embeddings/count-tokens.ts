import { countTokens as countSegment } from "gpt-tokenizer/encoding/cl100k_base";

/** The tokenizer is quadratic on long runs of one class (50,000 blanks: seconds), so it is fed segments of at most this many UTF-16 units. */
const segmentLength = 1500;
const shortestSegment = 750;

/**
 * Tokens of a text by cl100k_base, as OpenAI's embedding models count them. Exact, but for a run of hundreds of characters without
 * the end of a word: there each forced cut may shift the count by a token. Text that looks like a control token (`<|endoftext|>`) is text.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (let start = 0; start < text.length; ) {
    const end = segmentEnd(text, start);
    tokens += countSegment(text.slice(start, end), { disallowedSpecial: new Set() });
    start = end;
  }
  return tokens;
}

function segmentEnd(text: string, start: number): number {
  const end = start + segmentLength;
  if (end >= text.length) return text.length;
  for (let at = end; at > start + shortestSegment; at -= 1) if (isWordEnd(text, at)) return at;
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(end - 1, end + 1)) ? end - 1 : end;
}

/** The tokenizer never joins a letter or digit with what follows and is neither, so a cut there changes nothing. */
function isWordEnd(text: string, at: number): boolean {
  return /[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && !/[\p{L}\p{N}\p{Cs}]/u.test(text.charAt(at));
}
