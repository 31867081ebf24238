import type { Estimate } from "#lib/documents/schema.ts";
import { formatCount } from "./format.ts";

/** From here on a user is asked before it is paid, in US dollars. */
const askFromUsd = 0.05;

export function needsConsent({ priceUsd }: Estimate): boolean {
  return priceUsd !== null && priceUsd >= askFromUsd;
}

/** What embedding a file comes to, in words. Of images nothing is known before they are read. */
export function describeEstimate({ chunks, tokens, priceUsd }: Estimate): string {
  if (chunks === 0) return "What it costs to make searchable is known only after it has been read";
  const parts = [
    formatCount(chunks, "passage"),
    formatCount(tokens, "token"),
    ...(priceUsd === null ? [] : [formatUsd(priceUsd)]),
  ];
  return `About ${parts.join(", ")}`;
}

/** The question that is asked before a file is embedded at a cost. */
export function askConsent(name: string, { chunks, model, priceUsd, pricedAt }: Estimate): string {
  const cost = `${name} would cost about ${formatUsd(priceUsd ?? 0)} to make searchable`;
  return `${cost} (${formatCount(chunks, "passage")}, ${model}, prices of ${pricedAt}). Go on?`;
}

export function formatUsd(usd: number): string {
  return usd < 0.01 ? "less than $0.01" : `$${usd.toFixed(2)}`;
}
