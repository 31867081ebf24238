import type { Parser } from "#lib/ingestion/parser.ts";
import type { MediaType } from "#lib/ingestion/schema.ts";

/** Where each format is read. Loaded when first asked for, for the libraries behind them are large. */
const parsers: Record<MediaType, () => Promise<Parser>> = {
  "application/pdf": async () => (await import("#lib/ingestion/parsers/parse-pdf.ts")).parsePdf,
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": async () =>
    (await import("#lib/ingestion/parsers/parse-docx.ts")).parseDocx,
  "text/html": async () => (await import("#lib/ingestion/parsers/parse-html.ts")).parseHtml,
  "text/markdown": async () => (await import("#lib/ingestion/parsers/parse-markdown.ts")).parseMarkdown,
  "text/plain": async () => (await import("#lib/ingestion/parsers/parse-plain-text.ts")).parsePlainText,
};

export async function loadParser(mediaType: MediaType): Promise<Parser> {
  return await parsers[mediaType]();
}
