import type { Parser } from "#lib/ingestion/parser.ts";
import type { parseOffice as ParseOffice } from "#lib/ingestion/parsers/parse-office.ts";
import type { WholeType } from "#lib/ingestion/schema.ts";

/** Where each format is read. Loaded when first asked for, for the libraries behind them are large. */
const parsers: Record<WholeType, () => Promise<Parser>> = {
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": () => loadOffice("docx"),
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": () => loadOffice("pptx"),
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": async () =>
    (await import("#lib/ingestion/parsers/parse-xlsx.ts")).parseXlsx,
  "application/vnd.oasis.opendocument.text": () => loadOffice("odt"),
  "application/vnd.oasis.opendocument.presentation": () => loadOffice("odp"),
  "application/vnd.oasis.opendocument.spreadsheet": async () =>
    (await import("#lib/ingestion/parsers/parse-ods.ts")).parseOds,
  "application/rtf": () => loadOffice("rtf"),
  "application/epub+zip": async () => (await import("#lib/ingestion/parsers/parse-epub.ts")).parseEpub,
  "message/rfc822": async () => (await import("#lib/ingestion/parsers/parse-mail.ts")).parseMail,
  "application/mbox": async () => (await import("#lib/ingestion/parsers/parse-mailbox.ts")).parseMailbox,
  "text/html": async () => (await import("#lib/ingestion/parsers/parse-html.ts")).parseHtml,
  "text/markdown": async () => (await import("#lib/ingestion/parsers/parse-markdown.ts")).parseMarkdown,
  "text/csv": loadCsv,
  "text/tab-separated-values": loadCsv,
  "application/json": async () => (await import("#lib/ingestion/parsers/parse-json.ts")).parseJson("document"),
  "application/jsonl": async () => (await import("#lib/ingestion/parsers/parse-json.ts")).parseJson("lines"),
  "text/x-source": async () => (await import("#lib/ingestion/parsers/parse-source.ts")).parseSource,
  "text/plain": async () => (await import("#lib/ingestion/parsers/parse-plain-text.ts")).parsePlainText,
};

async function loadOffice(fileType: Parameters<typeof ParseOffice>[0]): Promise<Parser> {
  return (await import("#lib/ingestion/parsers/parse-office.ts")).parseOffice(fileType);
}

async function loadCsv(): Promise<Parser> {
  return (await import("#lib/ingestion/parsers/parse-csv.ts")).parseCsv;
}

export async function loadParser(mediaType: WholeType): Promise<Parser> {
  return await parsers[mediaType]();
}
