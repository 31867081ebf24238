import { countTokens } from "#lib/embeddings/count-tokens.ts";

const separator = " | ";
/** The most of a passage that the head of a table may take. */
const headShare = 0.25;

/** The row that names the columns of a table, and what it takes of a passage. */
export interface TableHead {
  text: string;
  tokens: number;
}

interface Table {
  start: number;
  end: number;
  head: TableHead | undefined;
  /** From here on a passage begins below the head. */
  underHead: number;
}

/** The tables of a document, told in order. Offsets are those of the document. */
export interface Tables {
  /** `heading` is the one that the table stands under. */
  enter(table: { start: number; end: number; text: string; heading: string | undefined }): void;
  holds(place: number): boolean;
  /** What a passage that begins at a place needs before it, so that its rows can be understood. */
  headAt(place: number): TableHead | undefined;
  /** Forgets the tables that end before a place. */
  drop(before: number): void;
}

export function createTables(chunkTokens: number): Tables {
  let tables: Table[] = [];
  const find = (place: number) => tables.find(({ start, end }) => start <= place && place < end);

  return {
    enter({ start, end, text, heading }) {
      const row = findHead(text);
      const last = tables.at(-1);
      const former = last?.end === start ? last.head : undefined;
      let table: Table = { start, end, head: undefined, underHead: start };
      // A long table of a sheet comes in several blocks under a heading that names its columns.
      if (heading?.includes(separator)) table.head = undefined;
      // It may go on in the next block (on the next page, say), whose first row is then one like the others.
      else if (former && !(row && isNames(row.text))) table.head = former;
      else if (row) {
        const tokens = countTokens(`${row.text}\n`);
        const head = tokens <= chunkTokens * headShare ? { text: row.text, tokens } : undefined;
        table = { start, end, head, underHead: start + row.end };
      }
      tables.push(table);
    },
    holds: (place) => find(place) !== undefined,
    headAt(place) {
      const table = find(place);
      return table && place >= table.underHead ? table.head : undefined;
    },
    drop(before) {
      // The last one is kept: it may go on.
      tables = tables.filter(({ end }, index) => end > before || index === tables.length - 1);
    },
  };
}

/** The first row of several cells, a line above it being the table's title. */
function findHead(text: string): { text: string; end: number } | undefined {
  let start = 0;
  for (let line = 0; line < 2; line += 1) {
    const newline = text.indexOf("\n", start);
    if (newline < 0) return undefined;
    const row = text.slice(start, newline).trim();
    if (row.includes(separator)) return { text: row, end: newline + 1 };
    start = newline + 1;
  }
  return undefined;
}

function isNames(row: string): boolean {
  return row.split("|").every((cell) => /\p{L}/u.test(cell));
}
