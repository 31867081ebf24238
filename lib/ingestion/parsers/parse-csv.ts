import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addRows, type SheetRow } from "#lib/ingestion/parsers/add-rows.ts";
import { findDelimiter } from "#lib/ingestion/parsers/find-delimiter.ts";
import { readRecords } from "#lib/ingestion/parsers/read-records.ts";

/** Rows of values with any delimiter (CSV, TSV), in any encoding: a line a row, the first row of several values naming the columns. */
export const parseCsv: Parser = async ({ bytes, fileName }, { maxCharacters }) => {
  const { text: raw, encoding, warnings } = await decodeText(bytes);
  const lines = raw.replace(/\r\n?/g, "\n");
  // How Excel is told the delimiter.
  const [told = "", tellsDelimiter] = /^sep=([^\n"])\n/i.exec(lines) ?? [];
  const text = lines.slice(told.length);
  const delimiter = tellsDelimiter ?? findDelimiter(text, /\.(tsv|tab)$/i.test(fileName));
  const builder = createDocumentBuilder({ maxCharacters, namedByFile: true });
  const records = readRecords(text, delimiter, (number) => {
    const message = `A quotation mark in row ${number} is never closed; from there on such marks were read as letters.`;
    warnings.push({ code: "file_recovered", message });
  });
  addRows(builder, numberRows(records), (column) => column);
  return builder.finish({ warnings, coverage: { encoding } });
};

/** The rows that are not empty. After an empty one another table begins where rows have another width. */
function* numberRows(records: Iterable<string[]>): Generator<SheetRow> {
  let number = 0;
  let width = 0;
  let wasEmpty = false;
  for (const record of records) {
    const cells = record.flatMap((value, column) => {
      // What is nearly all values needs no more, and in one of megabytes it would cost much.
      const text = (/[^\S ]|\u0085/.test(value) ? value.replace(/[\s\u0085]+/g, " ") : value).trim();
      return text === "" ? [] : [{ column, text }];
    });
    if (cells.length > 0) {
      number += wasEmpty && record.length !== width ? 2 : 1;
      width = record.length;
      yield { number, cells };
    }
    wasEmpty = cells.length === 0;
  }
}
