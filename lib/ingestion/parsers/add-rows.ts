import type { DocumentBuilder } from "#lib/ingestion/build-document.ts";
import { cutText } from "#lib/ingestion/clean-text.ts";

/** A row that is not empty. Numbers of rows and columns only have to grow; rows that do not follow each other are of different tables. */
export interface SheetRow {
  number: number;
  cells: { column: number; text: string }[];
}

const separator = " | ";
/** A table up to this many characters is one passage or two, which need no reminder of its columns. */
const smallTable = 1_000;
const rowsPerBlock = 200;
const longestHeader = 200;
/** The most empty cells in a row that are shown as such, so that a cell in the last of columns costs no page. */
const longestGap = 16;
/** Above the names of the columns a table may have a title and rows that group them: so many at most, the names counted in. */
const mostTitleRows = 4;

/** The lines of rows that follow each other. */
interface Table {
  lines: string[];
  /** The row that names its columns. */
  names: SheetRow | undefined;
}

/**
 * Adds a sheet's rows as tables, a line a row. Where a table is long, the names of its columns stand above all but its beginning as
 * a heading, so that every passage of it is found and cited under them. `place` tells where among the columns one is shown.
 */
export function addRows(
  builder: Pick<DocumentBuilder, "add">,
  rows: Iterable<SheetRow>,
  place: (column: number) => number,
): void {
  let header: string | undefined;
  let underHeader = false;
  for (const { lines, names } of splitTables(rows, place)) {
    const [first = ""] = lines;
    if (lines.length === 1) {
      builder.add({ kind: names ? "table" : "paragraph", text: first });
      continue;
    }
    header = nameColumns(names, header);
    const start = countStart(lines);
    const remind = () => header && builder.add({ kind: "heading", level: 6, title: header, text: "" });
    // What follows a heading is under it, so that each further table needs its own.
    if (underHeader) remind();
    builder.add({ kind: "table", text: lines.slice(0, start).join("\n") });
    if (start < lines.length && !underHeader) remind();
    underHeader ||= start < lines.length;
    for (let at = start; at < lines.length; at += rowsPerBlock) {
      builder.add({ kind: "table", text: lines.slice(at, at + rowsPerBlock).join("\n") });
    }
  }
}

function* splitTables(rows: Iterable<SheetRow>, place: (column: number) => number): Generator<Table> {
  let table: Table = { lines: [], names: undefined };
  let last: number | undefined;
  for (const row of rows) {
    if (last !== undefined && row.number !== last + 1) {
      yield table;
      table = { lines: [], names: undefined };
    }
    last = row.number;
    table.lines.push(writeRow(row, place));
    if (isNames(row, table)) table.names = row;
  }
  if (last !== undefined) yield table;
}

/**
 * The names of a table's columns. Further tables of a sheet go on
 * under the former names, unless that row is words throughout; in the first one numbers may be names (years are).
 */
function nameColumns(row: SheetRow | undefined, former: string | undefined): string | undefined {
  if (!row || (former && !row.cells.every(({ text }) => /\p{L}/u.test(text)))) return former;
  const names = row.cells.map(({ text }) => text).join(separator);
  const cut = cutText(names, longestHeader);
  // No half of a name, but for a single one.
  return cut === names || !cut.includes(separator) ? cut : cut.slice(0, cut.lastIndexOf(separator));
}

/** The first row of several cells names the columns; or one soon after it of twice as many words, as it then only groups them. */
function isNames({ cells }: SheetRow, { names, lines }: Table): boolean {
  if (!names) return cells.length > 1;
  const words = cells.filter(({ text }) => /\p{L}/u.test(text)).length;
  return lines.length <= mostTitleRows && words >= names.cells.length * 2;
}

function writeRow({ cells }: SheetRow, place: (column: number) => number): string {
  let line = "";
  let former = 0;
  for (const { column, text } of cells) {
    const at = place(column);
    line += separator.repeat(Math.min(at - former, longestGap)) + text;
    former = at;
  }
  return line;
}

/** How many lines of a table stand together with its header: all of a small one. */
function countStart(lines: string[]): number {
  let length = 0;
  const end = lines.findIndex((line) => {
    length += line.length + 1;
    return length > smallTable;
  });
  return end < 0 ? lines.length : Math.max(end, 1);
}
