import { makeZip, type ZipMember } from "./make-zip.ts";

const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const mains = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

interface WorkbookParts {
  /** `<row>`s by the name of their sheet. */
  sheets: Record<string, string>;
  strings?: string[];
  /** Codes of number formats; style 1 is the first of them. */
  formats?: string[];
  from1904?: boolean;
  others?: ZipMember[];
}

/** An Excel workbook. Names and strings are put in as they are. */
export function makeXlsx({ sheets, strings = [], formats = [], from1904 = false, others = [] }: WorkbookParts): Buffer {
  const names = Object.keys(sheets);
  const links = names.map((_, index) => relate(`s${index}`, "worksheet", `worksheets/sheet${index}.xml`));
  return makeZip([
    {
      name: "[Content_Types].xml",
      data: `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
    },
    { name: "_rels/.rels", data: relations([relate("r", "officeDocument", "xl/workbook.xml")]) },
    {
      name: "xl/workbook.xml",
      data: `<workbook xmlns="${mains}" xmlns:r="${office}"><workbookPr date1904="${from1904 ? 1 : 0}"/><sheets>${names
        .map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="s${index}"/>`)
        .join("")}</sheets></workbook>`,
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      data: relations([
        ...links,
        relate("a", "styles", "styles.xml"),
        relate("b", "sharedStrings", "sharedStrings.xml"),
      ]),
    },
    {
      name: "xl/styles.xml",
      data: `<styleSheet xmlns="${mains}"><numFmts>${formats
        .map((code, index) => `<numFmt numFmtId="${200 + index}" formatCode="${code}"/>`)
        .join("")}</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats
        .map((_, index) => `<xf numFmtId="${200 + index}"/>`)
        .join("")}</cellXfs></styleSheet>`,
    },
    {
      name: "xl/sharedStrings.xml",
      data: `<sst xmlns="${mains}">${strings.map((text) => `<si>${text}</si>`).join("")}</sst>`,
    },
    ...names.map((name, index) => ({
      name: `xl/worksheets/sheet${index}.xml`,
      data: `<worksheet xmlns="${mains}"><dimension ref="A1:XFD1048576"/><sheetData>${sheets[name]}</sheetData></worksheet>`,
    })),
    ...others,
  ]);
}

/** A row of inline texts. */
export function writeRow(number: number, ...texts: string[]): string {
  const cells = texts.map((text, index) => {
    const reference = `${String.fromCharCode(65 + index)}${number}`;
    return text === "" ? "" : `<c r="${reference}" t="inlineStr"><is><t>${text}</t></is></c>`;
  });
  return `<row r="${number}">${cells.join("")}</row>`;
}

function relate(id: string, type: string, target: string): string {
  return `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`;
}

function relations(links: string[]): string {
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${links.join("")}</Relationships>`;
}

const documentNames = ["office", "text", "table"]
  .map((name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(" ");

/** An OpenDocument file of a kind (`text`, `spreadsheet`, `presentation`) with this body. */
export function makeOpenDocument(kind: string, body: string, others: ZipMember[] = []): Buffer {
  const type = `application/vnd.oasis.opendocument.${kind}`;
  const names = `${documentNames} xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"`;
  const content = `<office:document-content ${names} office:version="1.2"><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`;
  const entry = `<manifest:file-entry manifest:full-path="/" manifest:media-type="${type}"/>`;
  return makeZip([
    { name: "mimetype", data: type },
    { name: "content.xml", data: content },
    {
      name: "META-INF/manifest.xml",
      data: `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">${entry}</manifest:manifest>`,
    },
    ...others,
  ]);
}

interface Chapter {
  /** What stands in its body. */
  body: string;
  /** What the table of contents calls it. */
  title?: string;
}

/** A book of these chapters, by their file names, in this order. */
export function makeEpub(chapters: Record<string, Chapter>, others: ZipMember[] = []): Buffer {
  const names = Object.keys(chapters);
  const items = names.map((name, index) => `<item id="c${index}" href="${name}" media-type="application/xhtml+xml"/>`);
  const entries = Object.entries(chapters).map(
    ([name, { title = "" }]) => `<li><a href="${name}#top">${title}</a></li>`,
  );
  return makeZip([
    { name: "mimetype", data: "application/epub+zip" },
    {
      name: "META-INF/container.xml",
      data: `<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>`,
    },
    {
      name: "OPS/book.opf",
      data: `<package><metadata><dc:title>A book</dc:title></metadata><manifest>${items.toReversed().join("")}<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="nav"/>${names
        .map((_, index) => `<itemref idref="c${index}"/>`)
        .join("")}</spine></package>`,
    },
    {
      name: "OPS/nav.xhtml",
      data: `<html xmlns:epub="e"><body><nav epub:type="landmarks"><a href="${names[0]}">Cover</a></nav><nav epub:type="toc"><ol>${entries.join("")}</ol></nav></body></html>`,
    },
    ...Object.entries(chapters).map(([name, { body }]) => ({
      name: `OPS/${decodeURIComponent(name)}`,
      data: `<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>${body}</body></html>`,
    })),
    ...others,
  ]);
}

/** PowerPoint slides, each of a box with these paragraphs. */
export function makePptx(slides: string[], others: ZipMember[] = []): Buffer {
  const drawing = "http://schemas.openxmlformats.org/drawingml/2006/main";
  const slideNames = `xmlns:a="${drawing}" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="${office}"`;
  return makeZip([
    {
      name: "[Content_Types].xml",
      data: `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/ppt/presentation.xml" ContentType="application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>`,
    },
    { name: "_rels/.rels", data: relations([relate("r", "officeDocument", "ppt/presentation.xml")]) },
    {
      name: "ppt/presentation.xml",
      data: `<p:presentation ${slideNames}><p:sldIdLst>${slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="s${index}"/>`).join("")}</p:sldIdLst></p:presentation>`,
    },
    {
      name: "ppt/_rels/presentation.xml.rels",
      data: relations(slides.map((_, index) => relate(`s${index}`, "slide", `slides/slide${index + 1}.xml`))),
    },
    ...slides.map((paragraphs, index) => ({
      name: `ppt/slides/slide${index + 1}.xml`,
      data: `<p:sld ${slideNames}><p:cSld><p:spTree><p:sp><p:nvSpPr><p:nvPr/></p:nvSpPr><p:txBody>${paragraphs}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>`,
    })),
    ...others,
  ]);
}
