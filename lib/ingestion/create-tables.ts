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
  headings: string[];
  head: TableHead | undefined;
  /** From here on a passage begins below the head. */
  underHead: number;
}

/** The tables of a document, told in order. Offsets are those of the document. */
export interface Tables {
  /**
   * `headings` are those that the table stands under, as the same array until the next one; `isUnderNames` when the last of them was made of
   * the names of its columns.
   */
  enter(table: { start: number; end: number; text: string; headings: string[]; isUnderNames: boolean }): void;
  holds(place: number): boolean;
  /** What a passage that begins at a place needs before it, so that its rows can be understood. */
  headAt(place: number): TableHead | undefined;
  /** Forgets the tables that end before a place. */
  drop(before: number): void;
}

export function createTables(chunkTokens: number): Tables {
  let tables: Table[] = [];
  const limit = Math.floor(chunkTokens * headShare);

  function measure(text: string): TableHead | undefined {
    const tokens = countTokens(`${text}\n`);
    return tokens <= limit ? { text, tokens } : undefined;
  }

  const find = (place: number) => tables.find(({ start, end }) => start <= place && place < end);

  return {
    enter({ start, end, text, headings, isUnderNames }) {
      const row = findHead(text);
      const last = tables.at(-1);
      const former = last?.end === start && last.headings === headings ? last.head : undefined;
      let table: Table = { start, end, headings, head: undefined, underHead: start };
      if (!isUnderNames) {
        // It may go on in another block (on the next page, say), whose first row is then one like the others.
        if (former && !(row && (isNames(row.text) || countCells(row.text) !== countCells(former.text))))
          table = { ...table, head: former };
        else if (row) table = { ...table, head: measure(row.text), underHead: start + row.end };
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

function countCells(row: string): number {
  return row.split("|").length;
}

function isNames(row: string): boolean {
  return row.split("|").every((cell) => /\p{L}/u.test(cell));
}
