import Papa from "papaparse";

interface Parsed {
  data: string[][];
  errors: { code: string }[];
  /** `cursor`: where the last row that was read ends. */
  meta: { cursor: number };
}

/** What is read at once: rows of a large file are never all in memory. */
const windowCharacters = 1024 * 1024;

/**
 * The rows of delimited text with `\n` at the ends of its lines, as values. A quotation mark that is never closed would make one
 * value of all that follows it: `onOpenQuote` is told its row (from 1 on), and from that row on such marks are letters.
 */
export function* readRecords(
  text: string,
  delimiter: string,
  onOpenQuote: (row: number) => void,
): Generator<string[], void> {
  let row = 1;
  let quoteless = false;
  const read = (from: number, to: number, ignoreLastRow: boolean): Parsed =>
    new Papa.Parser({ delimiter, newline: "\n", ...(quoteless ? { fastMode: true } : {}) }).parse(
      text.slice(from, to),
      0,
      ignoreLastRow,
    );
  for (let at = 0, size = windowCharacters; at < text.length; ) {
    const { data, meta } = read(at, at + size, true);
    if (data.length > 0) {
      yield* data;
      row += data.length;
      at += meta.cursor;
      size = windowCharacters;
    } else if (at + size < text.length) size *= 2;
    else {
      const last = read(at, text.length, false);
      if (!last.errors.some(({ code }) => code === "MissingQuotes")) return yield* last.data;
      onOpenQuote(row);
      quoteless = true;
      size = windowCharacters;
    }
  }
}
