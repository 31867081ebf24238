import type { Outcome } from "./read-document.ts";

export interface Result {
  type: string;
  outcome: Outcome;
  faults: string[];
  /** Whether there was an expectation. */
  judged: boolean;
}

const megabyte = 1024 * 1024;

/** One row a type, and one for all. What is refused as expected is right as well. */
export function printTable(results: Result[]): void {
  const byType = Object.entries(Object.groupBy(results, ({ type }) => type)).sort(([a], [b]) => a.localeCompare(b));
  const rows = [...byType, ["all", results] as const].map(([type, ofType = []]) => summarise(type, ofType));
  const [first = {}] = rows;
  const table = [Object.keys(first), ...rows.map(Object.values)].map((row: unknown[]) => row.map(String));
  const widths = Object.keys(first).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join("  "));
  }
}

function summarise(type: string, results: Result[]): Record<string, string | number> {
  const outcomes = results.map(({ outcome }) => outcome);
  const right = results.filter(({ judged, faults }) => judged && faults.length === 0);
  const seconds = sum(outcomes.map(({ ms }) => ms)) / 1000;
  const paged = outcomes.filter(({ parsed }) => parsed && parsed.pages.length > 0);
  const pages = sum(paged.map(({ parsed }) => parsed?.pages.length ?? 0));
  const pageSeconds = sum(paged.map(({ ms }) => ms)) / 1000;
  const peak = Math.max(0, ...outcomes.map(({ peakBytes }) => peakBytes));
  return {
    type,
    files: results.length,
    right: right.length,
    wrong: results.filter(({ faults }) => faults.length > 0).length,
    "refused as expected": right.filter(({ outcome }) => outcome.failure).length,
    "not judged": results.filter(({ judged }) => !judged).length,
    read: outcomes.filter(({ parsed }) => parsed).length,
    pages: pages || "-",
    "pages/s": pages ? Math.round(pages / pageSeconds) : "-",
    seconds: seconds.toFixed(1),
    "peak MB": peak ? Math.round(peak / megabyte) : "-",
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
