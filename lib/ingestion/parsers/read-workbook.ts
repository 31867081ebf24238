import { Failure } from "#lib/errors.ts";
import { collectText } from "#lib/ingestion/parsers/collect-text.ts";
import { type CellFormats, makeFormat } from "#lib/ingestion/parsers/format-cell.ts";
import type { Zip } from "#lib/ingestion/parsers/open-zip.ts";
import { readRelations } from "#lib/ingestion/parsers/read-relations.ts";
import { readTitle } from "#lib/ingestion/parsers/read-title.ts";
import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

export interface Workbook {
  title: string | undefined;
  /** In the order of their tabs; `number` counts those that hold no cells as well. */
  sheets: { number: number; name: string; part: string }[];
  /** Texts that cells refer to by their number. */
  strings: string[];
  formats: CellFormats;
}

/** What the sheets of an Excel workbook need to be read. Throws `file_corrupt` when it is none. */
export function readWorkbook(zip: Zip): Workbook {
  const part = [...readRelations(zip, "").values()].find(({ type }) => type === "officeDocument")?.target;
  const main = part && zip.has(part) ? part : "xl/workbook.xml";
  const bytes = zip.read(main);
  if (!bytes) throw new Failure("file_corrupt");
  const relations = readRelations(zip, main);
  const sheets: Workbook["sheets"] = [];
  let number = 0;
  let from1904 = false;
  walkXml(bytes, {
    open(name, attributes) {
      if (name === "workbookPr") from1904 = /^(1|true)$/.test(attributes().date1904 ?? "");
      if (name !== "sheet") return;
      number += 1;
      const { name: sheetName = "", id = "" } = attributes();
      const relation = relations.get(id);
      // The others hold a chart, a dialog or a program.
      if (relation?.type === "worksheet") sheets.push({ number, name: sheetName, part: relation.target });
    },
  });
  const find = (type: string) => [...relations.values()].find((relation) => relation.type === type)?.target ?? "";
  const byStyle = readFormats(zip.read(find("styles")));
  const strings = readStrings(zip.read(find("sharedStrings")));
  return { title: readTitle(zip.read("docProps/core.xml")), sheets, strings, formats: { byStyle, from1904 } };
}

function readFormats(bytes: Buffer | null): CellFormats["byStyle"] {
  const codes = new Map<number, string>();
  const byStyle: CellFormats["byStyle"] = [];
  let inStyles = false;
  if (!bytes) return byStyle;
  walkXml(bytes, {
    open(name, attributes) {
      if (name === "cellXfs") inStyles = true;
      if (name === "numFmt") {
        const { numFmtId, formatCode } = attributes();
        if (formatCode) codes.set(Number(numFmtId), formatCode);
      }
      if (name === "xf" && inStyles) {
        const id = Number(attributes().numFmtId ?? 0);
        byStyle.push(makeFormat(id, codes.get(id)));
      }
    },
    close(name) {
      if (name === "cellXfs") inStyles = false;
    },
  });
  return byStyle;
}

function readStrings(bytes: Buffer | null): string[] {
  const strings: string[] = [];
  const collector = collectText();
  if (!bytes) return strings;
  walkXml(bytes, {
    open: collector.open,
    close(name) {
      collector.close(name);
      if (name === "si") strings.push(collector.take());
    },
    text: collector.text,
  });
  return strings;
}
