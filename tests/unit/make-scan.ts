import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";

// A machine may have no fonts at all; pdf.js brings some.
const pdfParse = createRequire(import.meta.url).resolve("pdf-parse");
const pdfJs = dirname(createRequire(pdfParse).resolve("pdfjs-dist/package.json"));
GlobalFonts.registerFromPath(join(pdfJs, "standard_fonts/LiberationSans-Regular.ttf"), "Scan");

export interface ScanImage {
  width: number;
  height: number;
  jpeg: Buffer;
}

/** A page of A4 as a scanner gives it at 100 dots an inch, turned by so many quarters. */
export function drawScan(lines: string[], quarters = 0): ScanImage {
  const [paperWidth, paperHeight] = [827, 1169];
  const [width, height] = quarters % 2 === 1 ? [paperHeight, paperWidth] : [paperWidth, paperHeight];
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fdfdf8";
  context.fillRect(0, 0, width, height);
  context.translate(width / 2, height / 2);
  context.rotate((quarters * Math.PI) / 2);
  context.translate(-paperWidth / 2, -paperHeight / 2);
  context.fillStyle = "#222";
  context.font = "22px Scan";
  for (const [index, line] of lines.entries()) context.fillText(line, 80, 140 + index * 36);
  return { width, height, jpeg: canvas.toBuffer("image/jpeg", 85) };
}
