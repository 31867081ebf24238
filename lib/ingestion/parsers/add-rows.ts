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

/** The lines of rows that follow each other. */
interface Table {
  lines: string[];
  /** Its first row of several cells. */
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
    if (!table.names && row.cells.length > 1) table.names = row;
  }
  if (last !== undefined) yield table;
}

/**
 * The names of a table's columns: its first row of several cells, a line above it being its title. Further tables of a sheet go on
 * under the former names, unless that row is words throughout; in the first one numbers may be names (years are).
 */
function nameColumns(row: SheetRow | undefined, former: string | undefined): string | undefined {
  if (!row || (former && !row.cells.every(({ text }) => /\p{L}/u.test(text)))) return former;
  return cutText(row.cells.map(({ text }) => text).join(separator), longestHeader);
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
