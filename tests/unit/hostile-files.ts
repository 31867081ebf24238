import { deflateSync } from "node:zlib";
import type { FailureCode } from "#lib/errors.ts";
import { makeEpub, makeOpenDocument, makePptx, makeXlsx } from "./make-office.ts";
import { makeEndlessPdf, makePdf, writePdf, writeStream } from "./make-pdf.ts";
import { makeDocx, makeZip, type ZipMember } from "./make-zip.ts";

/** A file that is made to do harm, and every end that is right. `read` is to be read, with or without a warning. */
export interface HostileFile {
  name: string;
  fileName: string;
  bytes: Buffer;
  right: (FailureCode | "read")[];
}

const megabyte = 1024 * 1024;
const bomb: ZipMember = { name: "media/bomb.xml", data: Buffer.alloc(80 * megabyte) };
const traversal = (name: string): ZipMember[] => [
  { name: `../../${name}`, data: "written outside" },
  { name: `/tmp/${name}`, data: "written outside" },
];
const laughs = `<!DOCTYPE x [<!ENTITY a "ha">${Array.from({ length: 40 }, (_, index) => {
  const [own, former] = [String.fromCharCode(98 + (index % 24)) + index, index === 0 ? "a" : ""];
  return `<!ENTITY ${own} "&${former || String.fromCharCode(98 + ((index - 1) % 24)) + (index - 1)};${"&a;".repeat(9)}">`;
}).join("")}<!ENTITY secret SYSTEM "file:///etc/passwd">]>`;

const archives: [ending: string, make: (body: string, others: ZipMember[]) => Buffer][] = [
  ["docx", (body, others) => makeDocx(`<w:p><w:r><w:t>${body}</w:t></w:r></w:p>`, others)],
  ["pptx", (body, others) => makePptx([`<a:p><a:r><a:t>${body}</a:t></a:r></a:p>`], others)],
  ["xlsx", (body, others) => makeXlsx({ sheets: { One: row(body) }, others })],
  ["odt", (body, others) => makeOpenDocument("text", `<text:p>${body}</text:p>`, others)],
  ["odp", (body, others) => makeOpenDocument("presentation", slide(body), others)],
  ["ods", (body, others) => makeOpenDocument("spreadsheet", table(body), others)],
  ["epub", (body, others) => makeEpub({ "one.xhtml": { body: `<p>${body}</p>` } }, others)],
];

/** A file of its own name that no archive may write. */
export function makeHostileFiles(outside: string): HostileFile[] {
  return [
    ...archives.flatMap(([ending, make]) => [
      file("a bomb", ending, make("words", [bomb]), ["file_too_complex"]),
      file("an archive within it", ending, make("words", [{ name: "inner.zip", data: makeZip([bomb]) }]), ["read"]),
      file("names that lead outside", ending, make("words", traversal(outside)), ["read", "file_corrupt"]),
      file("entities that laugh and read files", ending, make("words &secret; &z39;", []), ["read", "file_corrupt"]),
      file("no text", ending, make("", []), ["text_missing", "read"]),
    ]),
    file(
      "laughs",
      "docx",
      makeZip([{ name: "word/document.xml", data: `${laughs}<w:document>&z39;&secret;</w:document>` }]),
      ["read", "file_corrupt", "text_missing"],
    ),
    file(
      "tables in tables, 20,000 deep",
      "docx",
      makeDocx(nest("<w:tbl><w:tr><w:tc>", "<w:p><w:r><w:t>deep</w:t></w:r></w:p>", "</w:tc></w:tr></w:tbl>")),
      ["read", "file_too_complex", "file_corrupt"],
    ),
    file(
      "lists in lists, 20,000 deep",
      "odt",
      makeOpenDocument(
        "text",
        nest("<text:list><text:list-item>", "<text:p>deep</text:p>", "</text:list-item></text:list>"),
      ),
      ["read", "file_too_complex", "file_corrupt"],
    ),
    file(
      "the first cell and the last",
      "xlsx",
      makeXlsx({
        sheets: {
          One: `${row("first")}<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>last</t></is></c></row>`,
        },
      }),
      ["read"],
    ),
    file("groups in groups, 100,000 deep", "rtf", `{\\rtf1 ${"{".repeat(100_000)}deep${"}".repeat(100_000)}}`, [
      "read",
      "file_too_complex",
      "file_corrupt",
    ]),
    file("quotes in quotes", "md", `${">".repeat(20_000)} deep`, ["read"]),
    file("elements in elements, 100,000 deep", "html", `<!doctype html>${"<div>".repeat(100_000)}deep`, [
      "read",
      "file_too_complex",
    ]),
    file("drawings of drawings without end", "pdf", makeEndlessPdf(), ["file_too_complex"]),
    file(
      "a count of pages that is a lie",
      "pdf",
      lie(makePdf([[{ text: "words", y: 700 }]]), "/Count 1", "/Count 4000000000"),
      ["read", "file_corrupt", "file_too_complex"],
    ),
    file(
      "a tree of pages that holds itself",
      "pdf",
      writePdf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 2 /Kids [2 0 R 2 0 R] >>"]),
      ["file_corrupt", "text_missing"],
    ),
    file("an outline that holds itself", "pdf", writePdf(loopedOutline()), ["read", "text_missing", "file_corrupt"]),
    file("a stream of 300 MB in 300 KB", "pdf", writePdf(flateBomb()), ["file_too_complex", "read", "text_missing"]),
    file(
      "a page as large as a country",
      "pdf",
      lie(makePdf([[{ text: "words", y: 700 }]]), "[0 0 595 842]", "[0 0 9e9 9e9]"),
      ["read", "file_corrupt", "text_missing"],
    ),
  ];
}

/** Each format once, whole, with the word "words" in it. */
export function makeWholeFiles(): { fileName: string; bytes: Buffer }[] {
  return [
    ...archives.map(([ending, make]) => ({ fileName: `whole.${ending}`, bytes: make("words", []) })),
    { fileName: "whole.pdf", bytes: makePdf([[{ text: "words", y: 700 }]]) },
    { fileName: "whole.rtf", bytes: Buffer.from("{\\rtf1 words}") },
    {
      fileName: "whole.eml",
      bytes: Buffer.from(
        "From: a@b.c\r\nTo: d@e.f\r\nSubject: words\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\nwords\r\n",
      ),
    },
    { fileName: "whole.json", bytes: Buffer.from('{"words":["words"]}') },
  ];
}

function file(name: string, ending: string, bytes: Buffer | string, right: HostileFile["right"]): HostileFile {
  return { name: `${ending}: ${name}`, fileName: `hostile.${ending}`, bytes: Buffer.from(bytes), right };
}

function row(text: string): string {
  return `<row r="1"><c r="A1" t="inlineStr"><is><t>${text}</t></is></c></row>`;
}

function slide(text: string): string {
  return `<draw:page><draw:frame><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame></draw:page>`;
}

function table(text: string): string {
  return `<table:table table:name="One"><table:table-row><table:table-cell><text:p>${text}</text:p></table:table-cell></table:table-row></table:table>`;
}

function nest(open: string, inner: string, close: string): string {
  return `${open.repeat(20_000)}${inner}${close.repeat(20_000)}`;
}

function lie(bytes: Buffer, truth: string, instead: string): Buffer {
  return Buffer.from(bytes.toString("latin1").replace(truth, instead), "latin1");
}

function loopedOutline(): string[] {
  return [
    "<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    "<< /First 5 0 R /Last 5 0 R /Count 1 >>",
    "<< /Title (again) /Parent 4 0 R /Next 5 0 R /First 5 0 R /Dest [3 0 R /Fit] >>",
  ];
}

function flateBomb(): string[] {
  const packed = deflateSync(Buffer.alloc(300 * megabyte, "0 0 m\n")).toString("latin1");
  return [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
    writeStream(packed, "/Filter /FlateDecode"),
  ];
}
