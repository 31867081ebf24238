import { extname } from "node:path";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import { decodeText } from "#lib/ingestion/decode-text.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addSource } from "#lib/ingestion/parsers/add-source.ts";
import { findLanguage } from "#lib/ingestion/source-languages.ts";

/** Source code and settings as they are written, cut where a declaration begins and cited by its name. */
export const parseSource: Parser = async ({ bytes, fileName }, { maxCharacters }) => {
  const { text, encoding, warnings } = await decodeText(bytes);
  const builder = createDocumentBuilder({ maxCharacters, namedByFile: true });
  const language = findLanguage(extname(fileName).slice(1).toLowerCase());
  addSource(builder, text.replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, "\n"), language);
  return builder.finish({ warnings, coverage: { encoding } });
};
