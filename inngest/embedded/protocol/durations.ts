const unitMs: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of a duration as the SDK writes it (`1h30m`, `2s`); null when it is none. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(trimmed)) return null;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  }
  return total;
}

/**
 * The time at which a sleep or a wait ends, of a duration or an ISO date; null when it is neither.
 * Dates are rounded to the whole second, as the Dev Server does.
 */
export function parseDeadline(text: string, nowMs: number): number | null {
  if (text === "") return nowMs;
  const duration = parseDuration(text);
  if (duration !== null) return nowMs + duration;
  const date = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.round(date / 1000) * 1000;
}
