import type { Line } from "./make-parts.ts";
import { makePdf } from "./make-pdf.ts";

const longestPdfLine = 60;

/** Lines within the page, for what stands beside it is not read, and away from its edges, where running heads and feet are left out. */
export function writePdfPages(parts: Line[][]): Buffer {
  const pages = parts.map((lines) => lines.flatMap(wrapLine));
  return makePdf(
    pages.map((lines) => {
      const step = Math.min(13, 640 / lines.length);
      return lines.map((text, index) => ({ text, y: 740 - index * step, size: Math.min(10, step) }));
    }),
  );
}

function wrapLine({ source }: Line): string[] {
  const lines = [""];
  for (const word of source.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last.length + word.length < longestPdfLine) lines[lines.length - 1] = `${last}${word} `;
    else lines.push(word);
  }
  return lines;
}
