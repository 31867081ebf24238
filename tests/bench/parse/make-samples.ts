import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makePdf } from "#tests/unit/make-pdf.ts";
import { makeDocx } from "#tests/unit/make-zip.ts";

export interface Sample {
  fileName: string;
  bytes: Buffer;
}

const fixtures = join(import.meta.dirname, "../../fixtures/documents");
const words = "harbour tide lantern granite meadow copper willow signal orchard thunder velvet compass".split(" ");

/** A file of each kind that is read, large enough that reading it is more than starting to. */
export function makeSamples(): Sample[] {
  const sections = Array.from({ length: 1500 }, (_, index) => ({ title: `Section ${index}`, text: write(index) }));
  const records = sections.map(({ title, text }, index) => ({ id: index, title, text }));
  return [
    sample("report.pdf", makePdf(Array.from({ length: 200 }, (_, page) => writePage(page)))),
    sample(
      "report.docx",
      makeDocx(sections.map(({ title, text }) => `${paragraph(title)}${paragraph(text)}`).join("")),
    ),
    sample("report.md", sections.map(({ title, text }) => `## ${title}\n\n${text}\n`).join("\n")),
    sample(
      "report.html",
      `<!doctype html><body>${sections.map(({ title, text }) => `<h2>${title}</h2><p>${text}</p>`).join("\n")}`,
    ),
    sample("report.txt", sections.map(({ title, text }) => `${title}\n\n${text}`).join("\n\n")),
    sample("report.csv", ["id,title,text", ...records.map((row) => Object.values(row).join(","))].join("\n")),
    sample("report.json", JSON.stringify(records)),
    ...[
      "bullets.pptx",
      "workbook.xlsx",
      "table.odt",
      "sheets.ods",
      "japanese.rtf",
      "chapters.epub",
      "attachment.eml",
    ].map((fileName) => ({ fileName, bytes: readFileSync(join(fixtures, fileName)) })),
  ];
}

function sample(fileName: string, content: string | Buffer): Sample {
  return { fileName, bytes: Buffer.from(content) };
}

function write(index: number): string {
  return Array.from({ length: 100 }, (_, word) => words[(index * 7 + word * 5 + (word % 3)) % words.length]).join(" ");
}

function writePage(page: number) {
  return Array.from({ length: 40 }, (_, line) => ({
    text: `Line ${line} of page ${page}: ${write(page * 40 + line).slice(0, 60)}`,
    y: 760 - line * 17,
  }));
}

function paragraph(text: string): string {
  return `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
}
