import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { splitParagraphs } from "#lib/ingestion/parsers/split-paragraphs.ts";

/** Plain text of any encoding: a paragraph is what stands between empty lines. */
export const parsePlainText: Parser = async ({ bytes }, { maxCharacters }) => {
  const { text, encoding, warnings } = await decodeText(bytes);
  const builder = createDocumentBuilder({ maxCharacters });
  for (const paragraph of splitParagraphs(text)) builder.add({ kind: "paragraph", text: paragraph });
  return builder.finish({ warnings, coverage: { encoding } });
};
