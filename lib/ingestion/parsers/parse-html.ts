import { parse } from "parse5";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { type HtmlContent, readHtml } from "#lib/ingestion/parsers/read-html.ts";

/** Below this many characters a page without its navigation may have lost what it is about. */
const littleText = 500;

/** A web page as a reader sees it: headings, paragraphs, lists and tables, without navigation and other furniture. */
export const parseHtml: Parser = async ({ bytes }, { maxCharacters }) => {
  const { text, encoding, warnings } = await decodeText(bytes, readDeclaredEncoding);
  const builder = createDocumentBuilder({ maxCharacters });
  const { title, blocks } = readPage(text);
  for (const block of blocks) builder.add(block);
  return builder.finish({ title, warnings, coverage: { encoding } });
};

function readDeclaredEncoding(start: string): string | undefined {
  return (
    /<meta[^>]+charset\s*=\s*["']?([\w:-]+)/i.exec(start)?.[1] ?? /^<\?xml[^>]+encoding=["']([\w-]+)/i.exec(start)?.[1]
  );
}

/** Leaves the furniture out, unless nearly all of the page is furniture by its tags. */
function readPage(text: string): HtmlContent {
  const root = parse(text, { scriptingEnabled: false });
  const main = readHtml(root, { furniture: false });
  if (measure(main) > littleText) return main;
  const all = readHtml(root, { furniture: true });
  return measure(main) * 4 < measure(all) ? all : main;
}

function measure({ blocks }: HtmlContent): number {
  return blocks.reduce((sum, { text }) => sum + text.length, 0);
}
