import { countTokens as countSegment } from "gpt-tokenizer/encoding/cl100k_base";

/** The tokenizer is quadratic on long runs of one class (50,000 blanks: seconds), so it is fed pieces of at most this many UTF-16 units. */
const segmentLength = 1500;
/** How far back from the end of a segment a blank is looked for, so that a word is cut only when it is longer. */
const lookBack = 100;

/**
 * Tokens of a text by cl100k_base, as OpenAI's embedding models count them. Never less than the true count: a cut between segments
 * can only add a token. Text that looks like a control token (`<|endoftext|>`) is text.
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
  for (let at = end; at > end - lookBack; at -= 1) if (text[at] === " " || text[at] === "\n") return at;
  const isLowSurrogate = (text.charCodeAt(end) & 0xfc00) === 0xdc00;
  return isLowSurrogate ? end - 1 : end;
}
