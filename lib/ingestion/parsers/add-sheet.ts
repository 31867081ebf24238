import type { DocumentBuilder } from "#lib/ingestion/build-document.ts";
import { addRows, type SheetRow } from "#lib/ingestion/parsers/add-rows.ts";

export interface Sheet {
  /** Its place among the tabs, from 1 on. */
  number: number;
  name: string;
  /** What stands in text boxes. */
  boxes: string[];
  rows: SheetRow[];
}

/** Adds a sheet as a page, with its name as the heading of what it holds; an empty one is a page without text. */
export function addSheet(builder: DocumentBuilder, { number, name, boxes, rows }: Sheet): void {
  builder.startPage(number, name ? { label: name } : {});
  if (rows.length + boxes.length > 0) builder.add({ kind: "heading", level: 1, text: name });
  for (const text of boxes) builder.add({ kind: "paragraph", text });
  const columns = placeColumns(rows);
  addRows(builder, rows, (column) => columns.get(column) ?? 0);
}

/** The places of the columns that hold anything, without those that hold nothing in any row. */
function placeColumns(rows: SheetRow[]): Map<number, number> {
  const used = new Set(rows.flatMap(({ cells }) => cells.map(({ column }) => column)));
  return new Map([...used].sort((a, b) => a - b).map((column, place) => [column, place]));
}
