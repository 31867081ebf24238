/** A text with the words of a query marked; `words` is what `wordsOf` tells of the query. */
export function Highlight({ text, words }: { text: string; words: RegExp | null }) {
  if (!words) return text;
  let at = 0;
  return text.split(words).map((part, index) => {
    const key = at;
    at += part.length;
    return index % 2 === 1 ? <mark key={key}>{part}</mark> : part;
  });
}
