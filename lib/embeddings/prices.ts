/** US dollars a million tokens, as OpenAI's model pages had them on `pricedAt` (developers.openai.com/api/docs/models). */
const prices: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 0.02,
  "text-embedding-3-large": 0.13,
  "text-embedding-ada-002": 0.1,
};

export const pricedAt = "2026-07-03";

/** What embedding so many tokens costs, in US dollars; null for a model whose price is not known here. */
export function priceUsd(model: string, tokens: number): number | null {
  const price = prices[model];
  return price === undefined ? null : (tokens / 1_000_000) * price;
}
