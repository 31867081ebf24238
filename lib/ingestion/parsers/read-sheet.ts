import type { SheetRow } from "#lib/ingestion/parsers/add-rows.ts";
import { collectText } from "#lib/ingestion/parsers/collect-text.ts";
import { formatCell } from "#lib/ingestion/parsers/format-cell.ts";
import type { Workbook } from "#lib/ingestion/parsers/read-workbook.ts";
import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

/**
 * The rows of an Excel sheet that hold something, as they are shown. Nothing is believed of what the sheet says about its size, and
 * rows and cells that do not say where they are follow the ones before them.
 */
export function readSheet(
  bytes: Uint8Array,
  { strings, formats }: Pick<Workbook, "strings" | "formats">,
  count: (text: string) => void,
): SheetRow[] {
  const rows: SheetRow[] = [];
  const inline = collectText();
  let row: SheetRow = { number: 0, cells: [] };
  let column = -1;
  let type = "";
  let style = 0;
  let value = "";
  let inValue = false;
  let inData = false;

  function endCell(): void {
    const text = showCell().replace(/\s+/g, " ").trim();
    if (text === "") return;
    count(text);
    row.cells.push({ column, text });
  }

  function showCell(): string {
    if (type === "inlineStr") return inline.take();
    if (value === "" || type === "e" || type === "str" || type === "d") return value;
    if (type === "s") return strings[Number(value)] ?? "";
    if (type === "b") return value === "1" ? "TRUE" : "FALSE";
    return formatCell(value, style, formats);
  }

  walkXml(bytes, {
    open(name, attributes) {
      if (name === "sheetData") inData = true;
      if (!inData) return;
      if (name === "row") {
        const number = Number(attributes().r ?? row.number + 1);
        row = { number: number > row.number ? number : row.number + 1, cells: [] };
        column = -1;
      } else if (name === "c") {
        const { r = "", s = "0", t = "n" } = attributes();
        column = Math.max(readColumn(r), column + 1);
        type = t;
        style = Number(s);
        value = "";
      } else if (name === "v") inValue = true;
      else inline.open(name);
    },
    close(name) {
      if (name === "sheetData") inData = false;
      if (!inData) return;
      inline.close(name);
      if (name === "v") inValue = false;
      else if (name === "c") endCell();
      else if (name === "row" && row.cells.length > 0) rows.push(row);
    },
    text(text) {
      if (inValue) value += text;
      else if (inData) inline.text(text);
    },
  });
  return rows;
}

/** The place of a column by its letters, -1 where there are none. */
function readColumn(reference: string): number {
  const [letters = ""] = /^[A-Z]{1,3}/.exec(reference) ?? [];
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
