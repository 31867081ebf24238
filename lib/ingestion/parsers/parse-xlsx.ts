import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addRows } from "#lib/ingestion/parsers/add-rows.ts";
import { countCells } from "#lib/ingestion/parsers/count-cells.ts";
import { openZip } from "#lib/ingestion/parsers/open-zip.ts";
import { readDrawings } from "#lib/ingestion/parsers/read-drawings.ts";
import { readSheet } from "#lib/ingestion/parsers/read-sheet.ts";
import { readWorkbook } from "#lib/ingestion/parsers/read-workbook.ts";

/** An Excel workbook: a sheet is a page, its name a heading, its rows tables. Text boxes come before the rows; charts and comments are left out. */
export const parseXlsx: Parser = async ({ bytes }, { maxPages, maxCharacters, onProgress }) => {
  const zip = openZip(bytes);
  const workbook = readWorkbook(zip);
  const builder = createDocumentBuilder({ maxCharacters, namedByFile: true });
  const count = countCells(maxCharacters);
  const total = workbook.sheets.length;
  if (total > maxPages) {
    throw new Failure("file_too_complex", { detail: `The file has ${total} sheets; the limit is ${maxPages}.` });
  }
  for (const [index, { number, name, part }] of workbook.sheets.entries()) {
    builder.startPage(number, name);
    const sheet = zip.read(part);
    if (!sheet) throw new Failure("file_corrupt", { detail: `The file's sheet "${name}" is missing.` });
    const rows = readSheet(sheet, workbook, count);
    const drawn = readDrawings(zip, part);
    if (rows.length + drawn.length > 0) builder.add({ kind: "heading", level: 1, text: name });
    for (const text of drawn) builder.add({ kind: "paragraph", text });
    addRows(builder, rows);
    onProgress({ pagesDone: index + 1, pagesTotal: total });
  }
  return builder.finish({ title: workbook.title });
};
