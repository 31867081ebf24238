import { wordsOf } from "./query-words.ts";

/** A text with the words of a query marked. */
export function Highlight({ text, query }: { text: string; query: string }) {
  const pattern = wordsOf(query);
  if (!pattern) return text;
  let at = 0;
  return text.split(pattern).map((part, index) => {
    const key = at;
    at += part.length;
    return index % 2 === 1 ? <mark key={key}>{part}</mark> : part;
  });
}
