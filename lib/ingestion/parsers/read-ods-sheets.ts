import type { SheetRow } from "#lib/ingestion/parsers/add-rows.ts";
import type { Sheet } from "#lib/ingestion/parsers/add-sheet.ts";
import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

/** The attributes of a cell that hold its value; its text is what is shown of it, and is nearly always there as well. */
const values = ["string-value", "date-value", "time-value", "boolean-value", "value"];

/** The sheets of an OpenDocument spreadsheet's content. Equal neighbours, which the file holds once, are given as often as they are shown. */
export function readOdsSheets(content: Uint8Array, count: (text: string) => void): Sheet[] {
  const sheets: Sheet[] = [];
  let sheet: Sheet | undefined;
  let row: SheetRow = { number: 0, cells: [] };
  let rowRepeats = 1;
  let column = 0;
  let cellRepeats = 1;
  let value = "";
  let text = "";
  let inCell = false;
  let inParagraph = false;
  /** Comments, and tables within cells. */
  let unread = 0;
  let depth = 0;

  function endCell(): void {
    const shown = (text.trim() || value).replace(/\s+/g, " ").trim();
    for (let repeat = 0; shown !== "" && repeat < cellRepeats; repeat += 1) {
      count(shown);
      row.cells.push({ column: column + repeat, text: shown });
    }
    column += cellRepeats;
    text = "";
    inCell = false;
  }

  function endRow(): void {
    for (let repeat = 0; row.cells.length > 0 && repeat < rowRepeats; repeat += 1) {
      if (repeat > 0) for (const cell of row.cells) count(cell.text);
      sheet?.rows.push({ number: row.number + repeat, cells: row.cells });
    }
    row = { number: row.number + rowRepeats, cells: [] };
  }

  walkXml(content, {
    open(name, attributes) {
      if (name === "table") {
        depth += 1;
        if (depth > 1) return;
        sheet = { number: sheets.length + 1, name: attributes().name ?? "", boxes: [], rows: [] };
        row = { number: 0, cells: [] };
      }
      if (!sheet || depth > 1) return;
      if (name === "annotation") unread += 1;
      if (name === "table-row") {
        rowRepeats = readRepeats(attributes()["number-rows-repeated"]);
        column = 0;
      } else if (name === "table-cell" || name === "covered-table-cell") {
        const given = attributes();
        cellRepeats = readRepeats(given["number-columns-repeated"]);
        value = values.map((key) => given[key]).find((each) => each !== undefined) ?? "";
        inCell = true;
      } else if (name === "p") inParagraph = true;
      else if (name === "s") text += " ".repeat(Math.min(readRepeats(attributes().c), 10));
      else if (name === "tab" || name === "line-break") text += " ";
    },
    close(name) {
      if (name === "table") {
        depth -= 1;
        if (depth === 0 && sheet) sheets.push(sheet);
        if (depth === 0) sheet = undefined;
      }
      if (!sheet || depth > 1) return;
      if (name === "annotation") unread -= 1;
      if (name === "p") {
        inParagraph = false;
        if (inCell) text += " ";
        else if (text.trim() !== "") sheet.boxes.push(text);
        if (!inCell) text = "";
      } else if (name === "table-cell" || name === "covered-table-cell") endCell();
      else if (name === "table-row") endRow();
    },
    text(words) {
      if (inParagraph && unread === 0 && depth === 1) text += words;
    },
  });
  return sheets;
}

function readRepeats(raw: string | undefined): number {
  const repeats = Number(raw ?? 1);
  return Number.isSafeInteger(repeats) && repeats > 0 ? repeats : 1;
}
