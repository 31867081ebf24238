import iconv from "iconv-lite";
import type { MediaType } from "#lib/ingestion/schema.ts";
import { makeEpub, makeOpenDocument, makePptx, makeXlsx, writeRow } from "./make-office.ts";
import { type Alphabet, allScripts, type Line, latinScript, type Part } from "./make-parts.ts";
import { makeDocx } from "./make-zip.ts";
import { writeJson, writeJsonLines, writeRows } from "./write-data.ts";
import { writePdfPages } from "./write-pdf-pages.ts";

/** A format that random documents are written in. To add one is to add a row. */
interface Format {
  name: string;
  mediaType: MediaType;
  alphabet: Alphabet;
  write(parts: Part[]): string | Buffer;
  /** Whether each page of the parts is a page of the document. */
  isPaged: boolean;
}

type Settings = Partial<Pick<Format, "alphabet" | "isPaged">>;

const office = "application/vnd.openxmlformats-officedocument";
const openDocument = "application/vnd.oasis.opendocument";
const marked = ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"];

export const formats: Format[] = [
  row("Markdown", "text/markdown", writeMarkdown),
  row("HTML", "text/html", writePage),
  row("HTML in UTF-16", "text/html", (parts) => encodeMarked(writePage(parts), "utf-16le")),
  row("text in utf-8", "text/plain", writeText),
  ...marked.map((encoding) =>
    row(`text in ${encoding} with its mark`, "text/plain", (parts) => encodeMarked(writeText(parts), encoding)),
  ),
  row("Rich Text", "application/rtf", writeRtf),
  row("Word", `${office}.wordprocessingml.document`, (parts) => makeDocx(parts.map(writeWord).join(""))),
  row("PowerPoint", `${office}.presentationml.presentation`, writeSlides, { isPaged: true }),
  row("Excel", `${office}.spreadsheetml.sheet`, writeWorkbook, { isPaged: true }),
  row("OpenDocument text", `${openDocument}.text`, (parts) => makeOpenDocument("text", writeOpenText(parts))),
  row("OpenDocument slides", `${openDocument}.presentation`, writeOpenSlides, { isPaged: true }),
  row("OpenDocument sheet", `${openDocument}.spreadsheet`, writeOpenSheets, { isPaged: true }),
  row("EPUB", "application/epub+zip", writeBook),
  row("PDF", "application/pdf", (parts) => writePdfPages(splitPages(parts).map((page) => page.flatMap(linesOf))), {
    isPaged: true,
    alphabet: latinScript,
  }),
  row("CSV", "text/csv", (parts) => writeRows(readRows(parts), ",")),
  row("TSV", "text/tab-separated-values", (parts) => writeRows(readRows(parts), "\t")),
  row("JSON", "application/json", (parts) => writeJson(readRows(parts))),
  row("JSON Lines", "application/jsonl", (parts) => writeJsonLines(readRows(parts))),
];

function row(name: string, mediaType: MediaType, write: Format["write"], settings: Settings = {}): Format {
  return { name, mediaType, write, alphabet: allScripts, isPaged: false, ...settings };
}

/** The words of a part, in reading order. */
export function readWords(part: Part): string[] {
  return linesOf(part).flatMap(({ words }) => words);
}

/** The lines of a part, in reading order. */
function linesOf(part: Part): Line[] {
  switch (part.kind) {
    case "heading":
      return [part.line];
    case "list":
      return part.items.map(({ line }) => line);
    case "table":
      return part.rows.flat();
    case "page":
      return [];
    default:
      return part.lines;
  }
}

export function splitPages(parts: Part[]): Part[][] {
  const pages: Part[][] = [[]];
  for (const part of parts) {
    if (part.kind === "page") pages.push([]);
    else pages.at(-1)?.push(part);
  }
  return pages;
}

/** Ends of lines of all kinds, one after the other. */
function mixLineEnds(text: string): string {
  let count = 0;
  return text.replace(/\n/g, () => ["\n", "\r\n", "\n", "\r"][count++ % 4] ?? "\n");
}

function encodeMarked(text: string, encoding: string): Buffer {
  const mark = iconv.encode("\ufeff", encoding, { addBOM: false });
  return Buffer.concat([mark, iconv.encode(text, encoding, { addBOM: false })]);
}

function writeText(parts: Part[]): string {
  const paragraphs = parts.map((part) =>
    linesOf(part)
      .map(({ source }) => source)
      .join("\n"),
  );
  return mixLineEnds(paragraphs.join("\n\n"));
}

function writeMarkdown(parts: Part[]): string {
  const [first] = parts;
  const hasMatter = first?.kind === "quote";
  const matter = hasMatter ? `---\ntitle: ${readWords(first).join(" ")}\n---\n` : "";
  const written = parts.slice(hasMatter ? 1 : 0).map(writeMarkdownPart);
  return matter + mixLineEnds(written.join("\n\n\n"));
}

function writeMarkdownPart(part: Part): string {
  const write = ({ source }: Line) => source.replace(/[!-/:-@[-`{-~]/g, "\\$&");
  switch (part.kind) {
    case "heading":
      return `${"#".repeat(part.level)} ${write(part.line)}`;
    case "code":
      return ["~~~~~~~~ts", ...part.lines.map(({ source }) => source.replaceAll("~", "")), "~~~~~~~~"].join("\n");
    case "quote":
      return part.lines.map((line, index) => `${"> ".repeat(index + 1)}${write(line)}`).join("\n");
    case "list":
      return nest(part.items)
        .map(({ depth, line }) => `${"  ".repeat(depth)}- ${write(line)}`)
        .join("\n");
    case "table": {
      const cells = Math.max(1, ...part.rows.map(({ length }) => length));
      const rows = part.rows.map((lines) => `| ${lines.map(write).join(" | ")} |`);
      return [`${"| a ".repeat(cells)}|`, `${"| :-: ".repeat(cells)}|`, ...rows].join("\n");
    }
    default:
      return linesOf(part).map(write).join("\n");
  }
}

/** Items that are one deeper than what they are under, as far as they can be. */
function nest(items: { depth: number; line: Line }[]): { depth: number; line: Line }[] {
  let former = -1;
  return items.map(({ depth, line }) => {
    former = Math.min(depth, former + 1);
    return { depth: former, line };
  });
}

const escapeMarkup = ({ source }: Line) =>
  source.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function writePage(parts: Part[]): string {
  return `<!doctype html><html><head><title></title></head><body>${mixLineEnds(writeHtml(parts, escapeMarkup))}</body></html>`;
}

function writeHtml(parts: Part[], write: (line: Line) => string): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case "heading":
          return `<section><h${part.level}>${write(part.line)}</h${part.level}></section>`;
        case "list":
          return part.items
            .map(({ depth, line }) => `${"<ul><li>".repeat(depth + 1)}${write(line)}${"</li></ul>".repeat(depth + 1)}`)
            .join("\n");
        case "table":
          return `<table>${part.rows.map((cells) => `<tr>${cells.map((cell) => `<td>${write(cell)}</td>`).join("")}</tr>`).join("\n")}</table>`;
        case "page":
          return "<hr/>";
        default: {
          const name = { paragraph: "p", code: "pre", quote: "blockquote" }[part.kind];
          return `<${name}>${part.lines.map(write).join("<br/>\n")}</${name}>`;
        }
      }
    })
    .join("\n\n");
}

/** What XML cannot hold is left out, as whoever writes it has to. */
function escapeXml(line: Line): string {
  return escapeMarkup(line).replace(/[^\P{Cc}\n\t]|[\p{Cs}\ufffe\uffff]/gu, "");
}

function writeBook(parts: Part[]): Buffer {
  const pages = splitPages(parts).map((page) => ({ body: writeHtml(page, escapeXml) }));
  return makeEpub(Object.fromEntries(pages.map((page, index) => [`c${index}.xhtml`, page])));
}

function writeRtf(parts: Part[]): string {
  const write = ({ source }: Line) =>
    source
      .split("")
      .map((unit) => {
        const code = unit.charCodeAt(0);
        if (code > 126) return `\\u${code > 0x7fff ? code - 0x10000 : code}?`;
        return code < 32 ? `\\'${code.toString(16).padStart(2, "0")}` : unit.replace(/[\\{}]/, "\\$&");
      })
      .join("");
  const written = parts.map((part) =>
    part.kind === "table"
      ? part.rows
          .map(
            (cells) =>
              `\\trowd${cells.map((_, index) => `\\cellx${index + 1}000`).join("")} ${cells.map((cell) => `\\intbl ${write(cell)}\\cell `).join("")}\\row\n`,
          )
          .join("")
      : linesOf(part)
          .map((line) => `{\\pard ${write(line)}\\par}\n`)
          .join(""),
  );
  return `{\\rtf1\\ansi\\ansicpg1252\\uc1{\\fonttbl{\\f0 Arial;}}\n${written.join("")}}`;
}

function writeWord(part: Part): string {
  const write = (line: Line, properties = "") =>
    `<w:p>${properties}<w:r><w:t xml:space="preserve">${escapeXml(line)}</w:t></w:r></w:p>`;
  if (part.kind === "table") {
    const cells = (lines: Line[]) => lines.map((line) => `<w:tc>${write(line)}</w:tc>`).join("");
    return `<w:tbl>${part.rows.map((lines) => `<w:tr>${cells(lines)}</w:tr>`).join("")}</w:tbl>`;
  }
  const style = part.kind === "heading" ? `<w:pPr><w:outlineLvl w:val="${part.level - 1}"/></w:pPr>` : "";
  return linesOf(part)
    .map((line) => write(line, style))
    .join("");
}

function writeSlides(parts: Part[]): Buffer {
  const write = (lines: Line[]) => lines.map((line) => `<a:p><a:r><a:t>${escapeXml(line)}</a:t></a:r></a:p>`).join("");
  return makePptx(splitPages(parts).map((page) => write(page.flatMap(linesOf))));
}

function writeWorkbook(parts: Part[]): Buffer {
  const sheets = splitPages(parts).map((page, index) => {
    const rows = readRows(page).map((line, row) => writeRow(row + 1, ...line.map(escapeXml)));
    return [`Sheet ${index}`, rows.join("")] as const;
  });
  return makeXlsx({ sheets: Object.fromEntries(sheets) });
}

/** The lines of parts as rows: those of a table as they are, others by themselves. */
function readRows(parts: Part[]): Line[][] {
  return parts.flatMap((part) => (part.kind === "table" ? part.rows : linesOf(part).map((line) => [line])));
}

const writeOpenLine = (line: Line) => `<text:p>${escapeXml(line)}</text:p>`;

function writeOpenTable(name: string, rows: Line[][]): string {
  const cells = (row: Line[]) =>
    row.map((line) => `<table:table-cell>${writeOpenLine(line)}</table:table-cell>`).join("");
  return `<table:table table:name="${name}">${rows.map((row) => `<table:table-row>${cells(row)}</table:table-row>`).join("")}</table:table>`;
}

function writeOpenSheets(parts: Part[]): Buffer {
  const tables = splitPages(parts).map((page, index) => writeOpenTable(`Sheet ${index}`, readRows(page)));
  return makeOpenDocument("spreadsheet", tables.join(""));
}

function writeOpenSlides(parts: Part[]): Buffer {
  const slides = splitPages(parts).map((page) => {
    const boxes = page
      .flatMap(linesOf)
      .map((line) => `<draw:frame><draw:text-box>${writeOpenLine(line)}</draw:text-box></draw:frame>`);
    return `<draw:page>${boxes.join("")}</draw:page>`;
  });
  return makeOpenDocument("presentation", slides.join(""));
}

function writeOpenText(parts: Part[]): string {
  return parts
    .map((part) => {
      switch (part.kind) {
        case "heading":
          return `<text:h text:outline-level="${part.level}">${escapeXml(part.line)}</text:h>`;
        case "list":
          return part.items
            .map(({ depth, line }) => {
              const nesting = depth + 1;
              return `${"<text:list><text:list-item>".repeat(nesting)}${writeOpenLine(line)}${"</text:list-item></text:list>".repeat(nesting)}`;
            })
            .join("");
        case "table":
          return writeOpenTable("t", part.rows);
        default:
          return linesOf(part).map(writeOpenLine).join("");
      }
    })
    .join("");
}
