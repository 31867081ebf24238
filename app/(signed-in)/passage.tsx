import { joinLines } from "#app/(signed-in)/join-lines.ts";

interface Props {
  content: string;
  fileName: string;
  /** What is marked: `wordsOf` tells it of a query. */
  words?: RegExp | null;
}

/** The text of a passage. The lines of a PDF are those of its paper, and go on here where they were only full. */
export function Passage({ content, fileName, words = null }: Props) {
  const text = /\.pdf$/i.test(fileName) ? joinLines(content) : content;
  return <p className="passage">{words ? mark(text, words) : text}</p>;
}

function mark(text: string, words: RegExp) {
  let at = 0;
  return text.split(words).map((part, index) => {
    const key = at;
    at += part.length;
    return index % 2 === 1 ? <mark key={key}>{part}</mark> : part;
  });
}
