/** A line of a page: its text, the size of its letters, and its place from the foot of the page in points (842 high). */
export interface PdfText {
  text: string;
  size?: number;
  /** From the left edge, 60 when left out. */
  x?: number;
  y: number;
}

/** An image that fills its page. */
export interface PdfImage {
  width: number;
  height: number;
  jpeg: Buffer;
}

/** The objects of a PDF, by their numbers from 1 on, as a file. The first one is the catalog. */
export function writePdf(objects: string[]): Buffer {
  let file = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const at = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = file.length;
  const rows = offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(`${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}${trailer}`, "latin1");
}

/** A PDF with these pages: of lines, whose letters must be Latin, or of an image. */
export function makePdf(pages: (PdfText[] | PdfImage)[]): Buffer {
  const kids = pages.map((_, index) => `${4 + index * 3} 0 R`).join(" ");
  return writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ...pages.flatMap((page, index) => {
      const [content, image] = [5 + index * 3, 6 + index * 3];
      const resources = `/Font << /F 3 0 R >> /XObject << /I ${image} 0 R >>`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << ${resources} >> /Contents ${content} 0 R >>`,
        writeStream(Array.isArray(page) ? page.map(writeLine).join("\n") : "595 0 0 842 0 0 cm /I Do"),
        Array.isArray(page) ? "null" : writeImage(page),
      ];
    }),
  ]);
}

function writeLine({ text, size = 10, x = 60, y }: PdfText): string {
  return `BT /F ${size} Tf ${x} ${y} Td (${escapeText(text)}) Tj ET`;
}

function writeImage({ width, height, jpeg }: PdfImage): string {
  const size = `/Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8`;
  return writeStream(jpeg.toString("latin1"), `/Type /XObject /Subtype /Image /Filter /DCTDecode ${size}`);
}

/** Seven kilobytes that draw 2^40 times: each form draws the next one twice. No parser gets to the end. */
export function makeEndlessPdf(): Buffer {
  const depth = 40;
  const forms = Array.from({ length: depth }, (_, index) => {
    const next = 6 + index;
    const drawing = index === depth - 1 ? "BT /F 10 Tf (ha) Tj ET" : "/X Do /X Do";
    const resources = index === depth - 1 ? "/Font << /F 3 0 R >>" : `/XObject << /X ${next} 0 R >>`;
    return writeStream(drawing, `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << ${resources} >>`);
  });
  return writePdf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Contents 45 0 R >>",
    ...forms,
    writeStream("/X Do"),
  ]);
}

export function writeStream(content: string, entries = ""): string {
  return `<< ${entries} /Length ${content.length} >>\nstream\n${content}\nendstream`;
}

function escapeText(text: string): string {
  return text.replace(/[\\()]/g, "\\$&");
}
