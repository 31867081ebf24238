import { readRecords } from "#lib/ingestion/parsers/read-records.ts";

/** Those that are rarer within values come first: of equals the first is taken. */
const delimiters = ["\t", ";", "|", ","];
const sampleCharacters = 64 * 1024;
const sampleRows = 200;

/** The delimiter by which most rows at the beginning have the same number of values; a tab where one is expected and there. */
export function findDelimiter(text: string, expectTab: boolean): string {
  const sample = text.slice(0, sampleCharacters);
  if (expectTab && sample.includes("\t")) return "\t";
  let best = ",";
  let most = 0;
  for (const delimiter of delimiters) {
    const share = sample.includes(delimiter) ? shareOfRows(sample, delimiter) : 0;
    if (share > most) {
      best = delimiter;
      most = share;
    }
  }
  return best;
}

/** The share of the rows that have as many values as most others, and more than one. */
function shareOfRows(sample: string, delimiter: string): number {
  const widths = new Map<number, number>();
  let rows = 0;
  for (const record of readRecords(sample, delimiter, () => {})) {
    if (record.every((value) => value.trim() === "")) continue;
    rows += 1;
    if (record.length > 1) widths.set(record.length, (widths.get(record.length) ?? 0) + 1);
    if (rows === sampleRows) break;
  }
  return rows === 0 ? 0 : Math.max(0, ...widths.values()) / rows;
}
