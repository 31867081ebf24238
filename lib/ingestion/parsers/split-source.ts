import { isAttached, nameLine } from "#lib/ingestion/parsers/name-line.ts";
import { type Line, type Range, splitLines } from "#lib/ingestion/parsers/split-lines.ts";
import type { SourceLanguage } from "#lib/ingestion/source-languages.ts";

/** What goes on with what stands above it, though it is not indented. */
const continuation =
  /^(?:[)}\]>,|]|\*\/|<\/|-->|\{\s*$|(?:else|elif|elsif|elseif|catch|except|finally|rescue|ensure|end|then|do|done|fi|esac|begin)\b)/i;
/** The body of a function in SQL is a text, which may begin its lines with anything; what ends and what begins a statement is sure. */
const statement =
  /^(?:create|alter|drop|insert|update|delete|grant|revoke|comment|select|with|set|truncate|copy|call|refresh|use|merge|begin|commit|do|--|\/\*)/i;
const endOfStatement = /(?:[;}]|\/>|<\/[^<>]{1,80}>)\s*$/;
const longestEnd = 100;

/**
 * Cuts code into what stands at its outermost indentation, each with all that is indented below it; `inside` a declaration, into
 * what stands at the next one. Cut is where something begins: after an empty line, after what is indented, after the end of a
 * statement, and between declarations of a line each; a comment or a mark above one is of it.
 */
export function* splitSource(
  text: string,
  range: Range,
  { inside, language }: { inside: boolean; language: SourceLanguage | undefined },
): Generator<Range> {
  const indent = findIndent(text, range, inside);
  let start = range.start;
  let former: Line | undefined;
  let afterBlank = false;
  const begins = (line: Line): boolean => {
    if (!former || line.indent > indent || continuation.test(line.head)) return false;
    const isEnded = endOfStatement.test(text.slice(Math.max(former.end - longestEnd, former.start), former.end));
    if (language === "sql" && !inside) return (isEnded || afterBlank) && statement.test(line.head);
    if (afterBlank || (former.indent > indent && !isStar(former))) return true;
    if (isAttached(former.head)) return false;
    const declares = ({ head }: Line) => nameLine(head, language, inside) !== undefined;
    return isEnded || (declares(line) && (language === "settings" || declares(former)));
  };
  for (const line of splitLines(text, range)) {
    if (line.indent >= 0 && begins(line)) {
      yield { start, end: line.start };
      start = line.start;
    }
    if (line.indent >= 0) former = line;
    afterBlank = line.indent < 0;
  }
  if (start < range.end) yield { start, end: range.end };
}

/** The least indentation of all lines; inside a declaration the least that is more than its own. */
function findIndent(text: string, range: Range, inside: boolean): number {
  let own = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const line of splitLines(text, range)) {
    if (line.indent < 0 || isStar(line)) continue;
    if (inside && own < 0) own = line.indent;
    else if (line.indent > own && line.indent < least) least = line.indent;
  }
  return Number.isFinite(least) ? least : Math.max(own, 0);
}

/** A line of a comment, which is indented by one for the looks of it. */
function isStar({ head }: Line): boolean {
  return head.startsWith("*");
}
