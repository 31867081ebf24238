/** Shorter lines are a table's or an address's rather than a paragraph's. */
const shortestWrapped = 30;
/** A line is full where the next word would have made it as long as so much of a common one: letters differ in width. */
const full = 0.9;
const startsItem = /^(?:[-–—•‣▪◦*]|\(?(?:\d+|\p{L})[.)])\s/u;

/**
 * A text of printed pages for a screen of any width: where a paragraph goes on in the next line only because its line was full, a blank stands
 * for the end of the line. Lists, tables and short lines stay as they are. As long as it was, so places in it stay the same.
 */
export function joinLines(text: string): string {
  return text.split("\n\n").map(joinParagraph).join("\n\n");
}

function joinParagraph(paragraph: string): string {
  const lines = paragraph.split("\n");
  // The last one ends anywhere, and some are longer, for a word that was divided stands in them as a whole.
  const lengths = lines.slice(0, -1).map((line) => line.length);
  const common = lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 0;
  if (common < shortestWrapped) return paragraph;
  const goesOn = lines.map((line, index) => {
    const next = lines[index + 1];
    if (!next || startsItem.test(next)) return false;
    const [word = ""] = next.split(" ", 1);
    return line.length + 1 + word.length >= full * common;
  });
  // In a table each row begins anew; a sentence mostly goes on in small letters.
  const continued = goesOn.flatMap((isFull, index) => (isFull ? [lines[index + 1] ?? ""] : []));
  const small = continued.filter((line) => /^\p{Ll}/u.test(line));
  if (small.length * 2 < continued.length) return paragraph;
  return lines.reduce((joined, line, index) => joined + (goesOn[index - 1] ? " " : "\n") + line);
}
