/** Words shorter than this are in every text. */
const shortest = 3;

/** A text with the words of a query marked, in any form that begins alike. */
export function Highlight({ text, query }: { text: string; query: string }) {
  const words = query.match(/[\p{L}\p{N}]+/gu)?.filter((word) => word.length >= shortest) ?? [];
  if (words.length === 0) return text;
  const stems = words.map((word) => word.slice(0, Math.max(shortest, word.length - 2)));
  const pattern = new RegExp(`((?<![\\p{L}\\p{N}])(?:${stems.join("|")})[\\p{L}\\p{N}]*)`, "giu");
  let at = 0;
  return text.split(pattern).map((part, index) => {
    const key = at;
    at += part.length;
    return index % 2 === 1 ? <mark key={key}>{part}</mark> : part;
  });
}
