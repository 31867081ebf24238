import type { Line } from "./make-parts.ts";

/** Rows with every cell in quotes, for lines of all kinds have commas, quotes and ends of lines in them. */
export function writeRows(rows: Line[][], separator: string): string {
  return rows.map((row) => row.map(({ source }) => `"${source.replaceAll('"', '""')}"`).join(separator)).join("\r\n");
}

export function writeJson(rows: Line[][]): string {
  return JSON.stringify({ rows: rows.map((row) => row.map(({ source }) => source)) }, null, 1);
}

export function writeJsonLines(rows: Line[][]): string {
  return rows.map((row) => JSON.stringify(row.map(({ source }) => source))).join("\n");
}
