interface Options {
  /** Whether runs of blanks carry meaning, as in code. */
  keepBlanks?: boolean;
  /** Whether blanks at the beginning of a line carry meaning, as in a list within a list. */
  keepIndent?: boolean;
  /** Whether lines were broken by a typesetter, so that words may be divided at their ends. */
  joinHyphens?: boolean;
}

const longestIndent = 64;
const longestRule = 16;

/**
 * Text as everything after the parser can take it: NFC, well formed, no control characters but \n and \t, no soft
 * hyphens, no long runs of blanks, empty lines or rules, nothing blank at its ends. Cleaning twice changes nothing.
 */
export function cleanText(
  raw: string,
  { keepBlanks = false, keepIndent = false, joinHyphens = false }: Options = {},
): string {
  let text = raw.toWellFormed();
  // The tests spare most texts the passes: each costs as much as a copy.
  if (/[\r\v\f\u0085\u2028\u2029]/.test(text)) text = text.replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, "\n");
  if (/[^\P{Cc}\n\t]|[\u00ad\ufeff\ufffe\uffff]/u.test(text)) {
    text = text.replace(/\u00ad\n?|[^\P{Cc}\n\t]|[\ufeff\ufffe\uffff]/gu, "");
  }
  // What was dropped may have stood between a letter and its mark.
  text = text.normalize("NFC");
  if (/[\u00a0\u1680\u2000-\u200a\u202f\u205f]/.test(text))
    text = text.replace(/[\u00a0\u1680\u2000-\u200a\u202f\u205f]/g, " ");
  // Runs are cut short first: the patterns after it are quadratic in the length of a run.
  if (keepBlanks || keepIndent) text = shortenBlanks(text);
  if (!keepBlanks) text = keepIndent ? collapseAfterIndent(text) : collapseBlanks(text);
  text = text.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n");
  text = shortenRules(text);
  if (joinHyphens) text = text.replace(/(?<=\p{L})-\n(?=\p{Ll})/gu, "");
  return keepBlanks || keepIndent ? text.replace(/^\n+/, "").trimEnd() : text.trim();
}

/** The beginning of a text, at most `length` UTF-16 units of it, and no half of a surrogate pair. */
export function cutText(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

function collapseBlanks(text: string): string {
  return text.replace(/[ \t]{2,}/g, (run) => (run.includes("\t") ? "\t" : " ")).replace(/^[ \t]/gm, "");
}

function collapseAfterIndent(text: string): string {
  return text.replace(/(?<=\S)[ \t]{2,}/g, (run) => (run.includes("\t") ? "\t" : " "));
}

function shortenBlanks(text: string): string {
  if (!/[ \t]{65}/.test(text)) return text;
  return text.replace(/[ \t]{2,}/g, (run) => (run.length > longestIndent ? run.slice(0, longestIndent) : run));
}

/** Round by round, for a pattern without a bound overflows the stack on a run of megabytes. */
function shortenRules(text: string): string {
  let short = text;
  while (/([-_=.*~#─═·•])\1{16}/.test(short)) {
    short = short.replace(/([-_=.*~#─═·•])\1{16,9999}/g, (run) => run.slice(0, longestRule));
  }
  return short;
}
