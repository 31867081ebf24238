/** What a provider lets through in a minute; null where it does not say. */
export interface Limits {
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
}

const axes = ["requests", "tokens"] as const;

/** How long `retry-after-ms` or `retry-after` (seconds, or a date) ask us to wait, in milliseconds. */
export function readRetryAfter(headers: Headers): number | null {
  const milliseconds = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const after = headers.get("retry-after");
  if (after === null) return null;
  const seconds = Number(after);
  const wait = Number.isNaN(seconds) ? Date.parse(after) - Date.now() : seconds * 1000;
  return Number.isFinite(wait) ? Math.max(wait, 0) : null;
}

/** The same by `x-ratelimit-reset-requests` and `-tokens`: the one that is used up, else the later one. */
export function readReset(headers: Headers): number | null {
  const resets = axes.map((axis) => ({
    isUsedUp: headers.get(`x-ratelimit-remaining-${axis}`) === "0",
    milliseconds: readDuration(headers.get(`x-ratelimit-reset-${axis}`)) ?? 0,
  }));
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp);
  const longest = Math.max(...(usedUp.length > 0 ? usedUp : resets).map(({ milliseconds }) => milliseconds));
  return longest > 0 ? longest : null;
}

export function readLimits(headers: Headers): Limits {
  const [requestsPerMinute, tokensPerMinute] = axes.map((axis) => {
    const limit = Number(headers.get(`x-ratelimit-limit-${axis}`));
    return limit > 0 ? Math.floor(limit) : null;
  });
  return { requestsPerMinute: requestsPerMinute ?? null, tokensPerMinute: tokensPerMinute ?? null };
}

/** Durations as OpenAI writes them: `6m0s`, `1.5s`, `20ms`. */
function readDuration(text: string | null): number | null {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...(text ?? "").matchAll(/([\d.]+)(ms|s|m|h)/g)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
}
