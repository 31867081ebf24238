import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import { makeDocx, makeZip } from "./make-zip.ts";

const documents = join(import.meta.dirname, "../fixtures/documents");
const read = (name: string) => readFileSync(join(documents, name));
const headBytes = 64 * 1024;

const pdf = read("outline.pdf");
const word = read("tables.docx");
const html = Buffer.from("<!doctype html><title>T</title><p>Words.");
const png = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");
const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const pptxType = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const mail = "From: a@b.c\r\nTo: d@e.f\r\nSubject: Hello\r\nDate: Tue, 24 Nov 2026 09:30:00 +0100\r\n\r\nWords.";
const mailbox = `From a@b.c Tue Nov 24 09:30:00 2026\n${mail}`;
const utf16 = (text: string) => Buffer.from(text, "utf16le");
/** A compound file whose directory names this stream. */
const compound = (stream: string) =>
  Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(504), utf16(stream)]);

function detect(fileName: string, bytes: Buffer): string {
  try {
    return detectMediaType({ fileName, head: bytes.subarray(0, headBytes), size: bytes.length });
  } catch (thrown) {
    const { code, detail } = asFailure(thrown);
    return `${code}: ${detail}`;
  }
}

describe("what is read", () => {
  const cases: [string, string, Buffer, string][] = [
    ["a PDF", "report.pdf", pdf, "application/pdf"],
    ["a PDF without an ending", "report", pdf, "application/pdf"],
    ["a PDF with an ending that means nothing", "report.v2", pdf, "application/pdf"],
    ["a PDF after foreign bytes", "report.pdf", Buffer.concat([Buffer.from("junk\r\n"), pdf]), "application/pdf"],
    ["a Word document", "Überblick 概要.DOCX", word, docxType],
    [
      "a Word document whose parts lie beyond its beginning",
      "a.docx",
      makeZip([{ name: "x.bin", data: "" }]),
      docxType,
    ],
    ["slides", "talk.pptx", read("bullets.pptx"), pptxType],
    ["a workbook", "a.xlsx", read("workbook.xlsx"), xlsxType],
    [
      "a workbook that says by its parts alone what it is",
      "a",
      makeZip([{ name: "xl/workbook.xml", data: "" }]),
      xlsxType,
    ],
    ["a workbook with a Word document embedded", "a.xlsx", makeEmbedding(), xlsxType],
    ["slides with a workbook packed in", "a.pptx", makeNested(), pptxType],
    ["an OpenDocument text", "letter.odt", read("table.odt"), "application/vnd.oasis.opendocument.text"],
    ["rich text", "letter.rtf", read("table.rtf"), "application/rtf"],
    ["a book", "book.epub", read("chapters.epub"), "application/epub+zip"],
    ["a book without an ending", "book", read("chapters.epub"), "application/epub+zip"],
    ["an e-mail", "mail.eml", Buffer.from(mail), "message/rfc822"],
    ["an e-mail without an ending", "mail", Buffer.from(mail), "message/rfc822"],
    ["an e-mail named .txt", "mail.txt", Buffer.from(mail), "message/rfc822"],
    ["an e-mail in UTF-16", "mail.eml", utf16(`\ufeff${mail}`), "message/rfc822"],
    ["an e-mail with few headers by its name", "mail.eml", Buffer.from("Subject: x\n\nWords."), "message/rfc822"],
    ["few headers without that name", "mail.txt", Buffer.from("Subject: x\n\nWords."), "text/plain"],
    ["an e-mail in Markdown", "mail.md", Buffer.from(mail), "text/markdown"],
    ["an e-mail that begins with an envelope", "mail.eml", Buffer.from(mailbox), "message/rfc822"],
    ["a mailbox", "inbox.mbox", Buffer.from(mailbox), "application/mbox"],
    ["a mailbox without an ending", "Sent", Buffer.from(mailbox), "application/mbox"],
    ["text about mail", "notes.txt", Buffer.from("From: and To: are headers.\n\nSubject: too."), "text/plain"],
    ["HTML", "page.html", html, "text/html"],
    ["HTML that is named .txt", "page.txt", html, "text/html"],
    ["HTML without an ending", "page", html, "text/html"],
    ["a piece of HTML by its name", "piece.html", Buffer.from("Just <b>words</b>"), "text/html"],
    ["HTML in UTF-16", "page.html", read("utf-16.html"), "text/html"],
    ["Markdown", "notes.md", Buffer.from("# Title\n"), "text/markdown"],
    [
      "Markdown that begins with a tag",
      "README.markdown",
      Buffer.from('<p align="center">x</p>\n# T'),
      "text/markdown",
    ],
    ["plain text", "notes.txt", Buffer.from("Words."), "text/plain"],
    ["text about PDFs", "notes.txt", Buffer.from("A file begins with %PDF-1.7, mostly."), "text/plain"],
    ["text without an ending", "LICENSE", Buffer.from("Words."), "text/plain"],
    ["rows of values", "rows.csv", Buffer.from("a,b\n1,2\n"), "text/csv"],
    ["rows of values between tabs", "rows.TSV", Buffer.from("a\tb\n1\t2\n"), "text/tab-separated-values"],
    ["rows of values in UTF-16", "rows.csv", read("utf-16.csv"), "text/csv"],
    ["rows that hold HTML", "rows.csv", Buffer.from("id,text\n1,<p>Words</p>\n"), "text/csv"],
    ["a row that holds HTML", "rows.csv", Buffer.from("1,<p>Words</p>\n"), "text/csv"],
    ["HTML that is named .csv", "rows.csv", html, "text/html"],
    ["a table of HTML that is named .csv", "rows.csv", Buffer.from(" <table><tr><td>x</td></tr></table>"), "text/html"],
    ["JSON", "data.json", Buffer.from('{"a":1}'), "application/json"],
    ["HTML that is named .json", "data.json", html, "text/html"],
    ["JSON Lines", "data.jsonl", Buffer.from('{"a":1}\n'), "application/jsonl"],
    ["JSON Lines of another name", "data.ndjson", read("records.ndjson"), "application/jsonl"],
    ["JSON that is named .txt", "data.txt", Buffer.from('{"a":1}'), "text/plain"],
    ["source code", "a.py", Buffer.from("def a():\n  pass\n"), "text/x-source"],
    ["a component that begins with a tag", "a.vue", Buffer.from("<div>{{ a }}</div>"), "text/x-source"],
    ["a page with PHP in it", "a.php", Buffer.from("<html><?php echo 1; ?></html>"), "text/x-source"],
    ["a page that PHP has made", "a.php", html, "text/html"],
    ["XML", "data.xml", Buffer.from("<title>x</title>"), "text/x-source"],
    ["text in UTF-16", "notes.txt", read("utf-16.txt"), "text/plain"],
    ["text in UTF-16 without a mark", "notes.txt", utf16("Some words\nin two lines"), "text/plain"],
    ["text in UTF-32", "notes.txt", read("utf-32.txt"), "text/plain"],
    ["text in CP866", "notes.txt", read("cp866.txt"), "text/plain"],
    ["text in Shift-JIS", "notes.txt", Buffer.from("93fa967b8cea82cc95b68f91", "hex"), "text/plain"],
    ["text with a stray NUL", "notes.txt", Buffer.from(`${"words ".repeat(50)}\0${"words ".repeat(50)}`), "text/plain"],
  ];
  test.each(cases)("%s", (_name, fileName, bytes, mediaType) => {
    expect(detect(fileName, bytes)).toBe(mediaType);
  });
});

describe("what is refused", () => {
  const cases: [string, string, Buffer, string][] = [
    ["nothing", "empty.txt", Buffer.alloc(0), "file_empty: The file has no content."],
    ["HTML named .pdf", "page.pdf", html, "media_type_mismatch: The file is named .pdf but its content is HTML."],
    ["a PDF named .docx", "a.docx", pdf, "media_type_mismatch: The file is named .docx but its content is PDF."],
    [
      "text named .PDF",
      "a.PDF",
      Buffer.from("oops"),
      "file_corrupt: The file is named .pdf but its content is plain text.",
    ],
    [
      "text named .odt",
      "a.odt",
      Buffer.from("This is not a zip file!"),
      "file_corrupt: The file is named .odt but its content is plain text.",
    ],
    [
      "noise named .docx",
      "a.docx",
      noise(),
      "file_corrupt: The file is named .docx but its content is binary data of no known type.",
    ],
    [
      "an image named .txt",
      "a.txt",
      png,
      "media_type_mismatch: The file is named .txt but its content is a PNG image.",
    ],
    ["an image named .md", "a.md", png, "media_type_mismatch: The file is named .md but its content is a PNG image."],
    [
      "a workbook named .csv",
      "a.csv",
      read("workbook.xlsx"),
      "media_type_mismatch: The file is named .csv but its content is an Excel workbook.",
    ],
    [
      "noise named .txt",
      "a.txt",
      noise(),
      "media_type_mismatch: The file is named .txt but its content is binary data of no known type.",
    ],
    ["noise", "a", noise(), "media_type_unsupported: The file is binary data of no known type, which cannot be read."],
    [
      "an image",
      "a.tif",
      Buffer.from("II*\0....", "latin1"),
      "media_type_unsupported: The file is an image, which cannot be read.",
    ],
    [
      "text named .eml",
      "a.eml",
      Buffer.from("oops"),
      "file_corrupt: The file is named .eml but its content is plain text.",
    ],
    [
      "a web page saved with its parts",
      "a.mhtml",
      Buffer.from(mail),
      "media_type_unsupported: The file is a web page saved as MHTML, which cannot be read.",
    ],
    [
      "a binary workbook",
      "a.xlsb",
      makeZip([{ name: "xl/workbook.bin", data: "" }]),
      "media_type_unsupported: The file is a binary Excel workbook (.xlsb), which cannot be read.",
    ],
    [
      "an archive",
      "a.zip",
      makeZip([{ name: "a.txt", data: "a" }]),
      "media_type_unsupported: The file is a ZIP archive, which cannot be read.",
    ],
    [
      "an old Word document",
      "a.doc",
      compound("WordDocument"),
      "media_type_unsupported: The file is a Word document of the old format (.doc), which cannot be read.",
    ],
    [
      "a program",
      "tool.bin",
      Buffer.from("\x7fELF\x02\x01\x01\0", "latin1"),
      "media_type_unsupported: The file is a program, which cannot be read.",
    ],
    [
      "a Word document with a password",
      "a.docx",
      read("password.docx"),
      "file_encrypted: The file is protected by a password.",
    ],
    [
      "one whose directory lies beyond its beginning",
      "a.docx",
      compound("elsewhere"),
      "file_encrypted: The file is protected by a password.",
    ],
  ];
  test.each(cases)("%s", (_name, fileName, bytes, refusal) => {
    expect(detect(fileName, bytes)).toBe(refusal);
  });
});

test("only the beginning of a file is needed", () => {
  const large = makeDocx(`<w:p><w:r><w:t>${"words ".repeat(200_000)}</w:t></w:r></w:p>`);
  expect(detectMediaType({ fileName: "a.docx", head: large.subarray(0, 700), size: large.length })).toBe(docxType);
});

function makeEmbedding(): Buffer {
  const types = `<Types><Default Extension="docx" ContentType="${docxType}"/><Override ContentType="${xlsxType}.main+xml"/></Types>`;
  return makeZip([{ name: "[Content_Types].xml", data: types }]);
}

/** The workbook is stored as it is, so that its members look like those of the slides. */
function makeNested(): Buffer {
  const types = (type: string) => `<Types><Override ContentType="${type}.main+xml"/></Types>`;
  const workbook = makeZip([{ name: "[Content_Types].xml", data: types(xlsxType) }]);
  return makeZip([
    { name: "ppt/embeddings/a.xlsx", data: workbook, stored: true },
    { name: "[Content_Types].xml", data: types(pptxType) },
  ]);
}

function noise(): Buffer {
  return Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * index * 31 + index * 7) % 251));
}
