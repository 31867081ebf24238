import { cutText } from "#lib/ingestion/clean-text.ts";
import { isAttached, nameLine } from "#lib/ingestion/parsers/name-line.ts";
import { type Line, type Range, splitLines } from "#lib/ingestion/parsers/split-lines.ts";
import type { SourceLanguage } from "#lib/ingestion/source-languages.ts";

interface Named {
  /** Empty, when it declares nothing that has a name. */
  name: string;
  /** Its first line that is no comment. */
  line: string;
  isContainer: boolean;
}

const longestLine = 80;
/** A declaration may begin with lines that do not name it: its type, its template. */
const mostLines = 3;

/** What a piece of code is to be called. */
export function nameDeclaration(
  text: string,
  range: Range,
  { inside, language }: { inside: boolean; language: SourceLanguage | undefined },
): Named {
  let indent = -1;
  let first = "";
  let lines = 0;
  for (const line of readCode(text, range)) {
    if (indent < 0) indent = line.indent;
    if (line.indent > indent) continue;
    const declared = nameLine(line.head, language, inside);
    first ||= declared || (!isAttached(line.head) && /[\p{L}\p{N}_]{2}/u.test(line.head)) ? line.head : "";
    if (declared) return { ...declared, line: cutText(first, longestLine) };
    if (first !== "") lines += 1;
    if (lines === mostLines) break;
  }
  return { name: "", line: cutText(first, longestLine), isContainer: false };
}

/** The lines that are neither blank nor of a comment that has several. */
function* readCode(text: string, range: Range): Generator<Line> {
  let closing: string | undefined;
  for (const line of splitLines(text, range)) {
    const [mark] = closing ? [] : (/^(?:\/\*|"""|'''|<!--)/.exec(line.head) ?? []);
    if (closing) closing = line.head.includes(closing) ? undefined : closing;
    else if (mark) closing = findClosing(mark, line.head.slice(mark.length));
    else if (line.indent >= 0) yield line;
  }
}

/** What ends a comment, when the rest of its line does not. */
function findClosing(mark: string, rest: string): string | undefined {
  const closing = mark === "/*" ? "*/" : mark === "<!--" ? "-->" : mark;
  return rest.includes(closing) ? undefined : closing;
}
