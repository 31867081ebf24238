import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addSheet } from "#lib/ingestion/parsers/add-sheet.ts";
import { countCells } from "#lib/ingestion/parsers/count-cells.ts";
import { openZip } from "#lib/ingestion/parsers/open-zip.ts";
import { readOdsSheets } from "#lib/ingestion/parsers/read-ods-sheets.ts";
import { readTitle } from "#lib/ingestion/parsers/read-title.ts";
import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

/** An OpenDocument spreadsheet: a sheet is a page, its name a heading, its rows tables. Charts and comments are left out. */
export const parseOds: Parser = async ({ bytes }, { maxPages, maxCharacters }) => {
  const zip = openZip(bytes);
  const manifest = zip.read("META-INF/manifest.xml");
  if (manifest && isEncrypted(manifest)) throw new Failure("file_encrypted");
  const content = zip.read("content.xml");
  if (!content) throw new Failure("file_corrupt");
  const builder = createDocumentBuilder({ maxCharacters, namedByFile: true });
  const sheets = readOdsSheets(content, countCells(maxCharacters));
  if (sheets.length > maxPages) {
    throw new Failure("file_too_complex", {
      detail: `The file has ${sheets.length} sheets; the limit is ${maxPages}.`,
    });
  }
  for (const sheet of sheets) addSheet(builder, sheet);
  return builder.finish({ title: readTitle(zip.read("meta.xml")) });
};

function isEncrypted(manifest: Buffer): boolean {
  let found = false;
  walkXml(manifest, {
    open(name) {
      found ||= name === "encryption-data";
    },
  });
  return found;
}
