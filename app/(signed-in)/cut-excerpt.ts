/** About eight lines of a wide screen. What is little longer stays whole. */
const longest = { letters: 600, lines: 8 };
const whole = { letters: 750, lines: 10 };
/** So much stands before the first word that is marked. */
const before = { letters: 100, lines: 2 };

/** The part of a text where the most of `words` stand together, else its beginning; a short text as it is. */
export function cutExcerpt(text: string, words: RegExp | null): string {
  if (text.length <= whole.letters && text.split("\n").length <= whole.lines) return text;
  const at = words ? findDensest(text, words) : 0;
  const head = lastOf(text.slice(0, at));
  const tail = firstOf(text.slice(at), longest.letters - head.length);
  return `${head.length < at ? "…" : ""}${head}${tail}${at + tail.length < text.length ? "…" : ""}`;
}

/** Where a passage of the excerpt's length has the most different words. */
function findDensest(text: string, words: RegExp): number {
  const found = [...text.matchAll(new RegExp(words, `${words.flags}g`))].map((match) => ({
    at: match.index,
    word: match[0].toLowerCase(),
  }));
  const reach = longest.letters - before.letters;
  let best = { at: 0, count: 0 };
  for (const { at } of found) {
    const near = found.filter((other) => other.at >= at && other.at < at + reach);
    const count = new Set(near.map(({ word }) => word)).size;
    if (count > best.count) best = { at, count };
  }
  return best.at;
}

/** Cut at a blank where one is near; a sign of two units is not cut in two. */
function lastOf(text: string): string {
  const lines = text.split("\n").slice(-before.lines).join("\n");
  if (lines.length <= before.letters) return lines;
  return lines.slice(-before.letters).replace(/^(?:\S{0,40}\s|[\uDC00-\uDFFF])/, "");
}

function firstOf(text: string, letters: number): string {
  const lines = text.split("\n").slice(0, longest.lines).join("\n");
  if (lines.length <= letters) return lines;
  return lines.slice(0, letters).replace(/(?:\s\S{0,40}|[\uD800-\uDBFF])$/, "");
}
