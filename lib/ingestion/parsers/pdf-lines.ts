import type { PageLine } from "#lib/ingestion/pages/schema.ts";
import type { PdfTextItem, PdfViewport } from "#lib/ingestion/parsers/pdf-engine.ts";

interface Input {
  text: string;
  items: PdfTextItem[];
  viewport: PdfViewport;
}

/** Gives every line of a page's text the place and size of its longest piece. */
export function placeLines({ text, items, viewport }: Input): PageLine[] {
  const lines: PageLine[] = text.split("\n").map((line) => ({ text: line, y: 0, size: 0 }));
  const longest = new Array<number>(lines.length).fill(0);
  let at = 0;
  let index = 0;
  for (const { str, transform } of items) {
    while (text[at] === "\n" && !text.startsWith(str, at)) {
      at += 1;
      index += 1;
    }
    // The pieces make up the text; should they not, it is better to know no places than wrong ones.
    if (!text.startsWith(str, at)) return lines.map((line) => ({ ...line, y: 0, size: 0 }));
    const line = lines[index];
    if (line && str.length > (longest[index] ?? 0)) {
      const [, , c = 0, d = 0, e = 0, f = 0] = transform;
      line.y = viewport.convertToViewportPoint(e, f)[1] ?? 0;
      line.size = Math.hypot(c, d);
      longest[index] = str.length;
    }
    at += str.length;
    for (let newline = str.indexOf("\n"); newline >= 0; newline = str.indexOf("\n", newline + 1)) index += 1;
  }
  return lines;
}
