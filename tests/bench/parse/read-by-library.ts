import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { OfficeParser } from "officeparser";
import Papa from "papaparse";
import { parse as parseHtml } from "parse5";
import { PDFParse } from "pdf-parse";
import PostalMime from "postal-mime";
import type { MediaType } from "#lib/ingestion/schema.ts";

type Read = (bytes: Buffer) => unknown;

const office: Read = (bytes) => OfficeParser.parseOffice(bytes);

/** What each library does by itself, called as its manual says, with nothing made of what it gives. */
export const readByLibrary: Partial<Record<MediaType, Read>> = {
  "application/pdf": async (bytes) => {
    const parser = new PDFParse({ data: new Uint8Array(bytes) });
    await parser.getText();
    await parser.destroy();
  },
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": office,
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": office,
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": office,
  "application/vnd.oasis.opendocument.text": office,
  "application/vnd.oasis.opendocument.spreadsheet": office,
  "application/rtf": office,
  "application/epub+zip": office,
  "text/html": (bytes) => parseHtml(bytes.toString()),
  "text/markdown": (bytes) =>
    fromMarkdown(bytes.toString(), { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }),
  "text/csv": (bytes) => Papa.parse(bytes.toString()),
  "application/json": (bytes) => JSON.parse(bytes.toString()),
  "message/rfc822": (bytes) => PostalMime.parse(bytes),
};
