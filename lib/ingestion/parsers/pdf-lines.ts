import type { PageLine } from "#lib/ingestion/pages/schema.ts";
import type { PdfTextItem, PdfViewport } from "#lib/ingestion/parsers/pdf-engine.ts";

interface Input {
  text: string;
  items: PdfTextItem[];
  viewport: PdfViewport;
}

/** A blank that is this many times as wide as letters are high parts two columns. */
const columnGap = 2;

/** Gives every line of a page's text the place and size of its longest piece; between columns it has a tab. */
export function placeLines({ text, items, viewport }: Input): PageLine[] {
  const lines: PageLine[] = text.split("\n").map((line) => ({ text: line, y: 0, size: 0 }));
  const longest = new Array<number>(lines.length).fill(0);
  let at = 0;
  let index = 0;
  let lineStart = 0;
  for (const { str, width, transform } of items) {
    while (text[at] === "\n" && !text.startsWith(str, at)) {
      at += 1;
      index += 1;
      lineStart = at;
    }
    // The pieces make up the text; should they not, it is better to know no places than wrong ones.
    if (!text.startsWith(str, at)) return lines.map((line) => ({ ...line, y: 0, size: 0 }));
    const line = lines[index];
    const [, , c = 0, d = 0, e = 0, f = 0] = transform;
    const size = Math.hypot(c, d);
    if (line && size > 0 && str === " " && width > size * columnGap) {
      line.text = `${line.text.slice(0, at - lineStart)}\t${line.text.slice(at - lineStart + 1)}`;
    }
    if (line && str.length > (longest[index] ?? 0)) {
      line.y = viewport.convertToViewportPoint(e, f)[1] ?? 0;
      line.size = size;
      longest[index] = str.length;
    }
    at += str.length;
    for (let newline = str.indexOf("\n"); newline >= 0; newline = str.indexOf("\n", newline + 1)) {
      index += 1;
      lineStart = at - str.length + newline + 1;
    }
  }
  return lines;
}
