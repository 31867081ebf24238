import { scanTokens } from "#lib/embeddings/scan-tokens.ts";

/**
 * Tokens of a text by cl100k_base, as OpenAI's embedding models count them. Exact, but for a run of more than 200 characters without
 * the end of a word: there each forced cut may shift the count by a token. Text that looks like a control token (`<|endoftext|>`) is text.
 */
export function countTokens(text: string): number {
  let sum = 0;
  scanTokens(text, (_end, tokens) => {
    sum += tokens;
    return true;
  });
  return sum;
}
