import type { Zip } from "#lib/ingestion/parsers/open-zip.ts";
import { readRelations } from "#lib/ingestion/parsers/read-relations.ts";
import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

/** The paragraphs of the text boxes that lie upon a sheet. */
export function readDrawings(zip: Zip, sheet: string): string[] {
  const drawings = [...readRelations(zip, sheet).values()].filter(({ type }) => type === "drawing");
  return drawings.flatMap(({ target }) => {
    const bytes = zip.read(target);
    return bytes ? readParagraphs(bytes) : [];
  });
}

function readParagraphs(bytes: Buffer): string[] {
  const paragraphs: string[] = [];
  let paragraph = "";
  let inText = false;
  walkXml(bytes, {
    open(name) {
      inText = name === "t";
      if (name === "br") paragraph += "\n";
    },
    close(name) {
      inText = false;
      if (name !== "p") return;
      if (paragraph.trim() !== "") paragraphs.push(paragraph);
      paragraph = "";
    },
    text(text) {
      if (inText) paragraph += text;
    },
  });
  return paragraphs;
}
