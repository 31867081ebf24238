import { useState } from "react";
import { cutExcerpt } from "#app/(signed-in)/cut-excerpt.ts";
import { joinLines } from "#app/(signed-in)/join-lines.ts";

interface Props {
  content: string;
  fileName: string;
  /** What is marked: `wordsOf` tells it of a query. */
  words?: RegExp | null;
  /** Whether a long one shows only the part that has the words, until it is opened. */
  isCut?: boolean;
}

/** The text of a passage. The lines of a PDF are those of its paper, and go on here where they were only full. */
export function Passage({ content, fileName, words = null, isCut = false }: Props) {
  const [isOpen, setIsOpen] = useState(!isCut);
  const text = /\.pdf$/i.test(fileName) ? joinLines(content) : content;
  const excerpt = isCut ? cutExcerpt(text, words) : text;
  const shown = isOpen ? text : excerpt;
  return (
    <>
      <p className="passage">{words ? mark(shown, words) : shown}</p>
      {excerpt !== text && (
        <p>
          <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? "Show less" : "Show all"}
          </button>
        </p>
      )}
    </>
  );
}

function mark(text: string, words: RegExp) {
  let at = 0;
  return text.split(words).map((part, index) => {
    const key = at;
    at += part.length;
    return index % 2 === 1 ? <mark key={key}>{part}</mark> : part;
  });
}
