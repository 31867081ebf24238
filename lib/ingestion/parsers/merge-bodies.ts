import { parse } from "parse5";
import type { DraftBlock } from "#lib/ingestion/build-document.ts";
import { readHtml } from "#lib/ingestion/parsers/read-html.ts";
import { readMailText } from "#lib/ingestion/parsers/read-mail-text.ts";

/** Characters times blocks that are looked through at most: a few seconds. */
const mostCompared = 2_000_000_000;

/**
 * The body of a mail. Its versions in plain text and in HTML should say the same; the text is taken, and of the HTML what the text does
 * not have, for some senders put into the text only that there is HTML.
 */
export function mergeBodies({ text, html }: { text: string; html: string }): DraftBlock[] {
  const plain = readMailText(text);
  if (html.trim() === "") return plain;
  const { blocks } = readHtml(parse(html, { scriptingEnabled: false }), { furniture: true });
  if (plain.length === 0) return blocks;
  // Programs that make text of HTML put the targets of links between the words.
  const known = fold(
    plain
      .map((block) => block.text)
      .join("\n")
      .replace(/[<([]?(?:https?:\/\/|mailto:)[^\s>)\]]*[>)\]]?/g, ""),
  );
  if (known.length * blocks.length > mostCompared) return [...plain, ...blocks];
  return [...plain, ...blocks.filter((block) => !known.includes(fold(block.text)))];
}

function fold(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/https?:\/\/\S*|[^\p{L}\p{N}]+/gu, "")
    .toLowerCase();
}
