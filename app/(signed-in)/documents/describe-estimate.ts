import type { Estimate } from "#lib/documents/schema.ts";
import { formatCount } from "./format.ts";

/** From here on a user is asked before it is paid, in US dollars. */
const askFromUsd = 0.05;

export function needsConsent({ priceUsd }: Estimate): boolean {
  return priceUsd !== null && priceUsd >= askFromUsd;
}

/** What embedding a file comes to, in words. */
export function describeEstimate({ chunks, tokens, priceUsd }: Estimate): string {
  const parts = [
    formatCount(chunks, "passage"),
    formatCount(tokens, "token"),
    ...(priceUsd === null ? [] : [formatUsd(priceUsd)]),
  ];
  return `About ${parts.join(", ")}`;
}

export function formatUsd(usd: number): string {
  return usd < 0.01 ? "less than $0.01" : `$${usd.toFixed(2)}`;
}
