import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addSheet } from "#lib/ingestion/parsers/add-sheet.ts";
import { countCells } from "#lib/ingestion/parsers/count-cells.ts";
import { openZip } from "#lib/ingestion/parsers/open-zip.ts";
import { readDrawings } from "#lib/ingestion/parsers/read-drawings.ts";
import { readSheet } from "#lib/ingestion/parsers/read-sheet.ts";
import { readWorkbook } from "#lib/ingestion/parsers/read-workbook.ts";

/** An Excel workbook: a sheet is a page, its name a heading, its rows tables. Text boxes come before the rows; charts and comments are left out. */
export const parseXlsx: Parser = async ({ bytes: file }, { maxPages, maxCharacters }) => {
  const zip = openZip(file);
  const workbook = readWorkbook(zip);
  const builder = createDocumentBuilder({ maxCharacters, namedByFile: true });
  const count = countCells(maxCharacters);
  const total = workbook.sheets.length;
  if (total > maxPages) {
    throw new Failure("file_too_complex", { detail: `The file has ${total} sheets; the limit is ${maxPages}.` });
  }
  for (const { number, name, part } of workbook.sheets) {
    const bytes = zip.read(part);
    if (!bytes) throw new Failure("file_corrupt", { detail: `The file's sheet "${name}" is missing.` });
    addSheet(builder, { number, name, boxes: readDrawings(zip, part), rows: readSheet(bytes, workbook, count) });
  }
  return builder.finish({ title: workbook.title });
};
