import type { DraftBlock } from "#lib/ingestion/build-document.ts";

/** The paragraphs of a mail in plain text; what it quotes (lines that begin with `>`) is `quote`, without the marks. */
export function readMailText(text: string): DraftBlock[] {
  const blocks: DraftBlock[] = [];
  let lines: string[] = [];
  let kind: DraftBlock["kind"] = "paragraph";
  const flush = () => {
    if (lines.length > 0) blocks.push({ kind, text: lines.join("\n") });
    lines = [];
  };
  for (const line of text.split(/\r\n?|\n|\f/)) {
    const [marks = ""] = /^(?:> ?)+/.exec(line) ?? [];
    const words = line.slice(marks.length);
    const found = marks ? "quote" : "paragraph";
    if (found !== kind || words.trim() === "") flush();
    kind = found;
    if (words.trim() !== "") lines.push(words);
  }
  flush();
  return blocks;
}
