import { countTokens } from "#lib/embeddings/count-tokens.ts";
import { cutText } from "#lib/ingestion/clean-text.ts";
import { embeddingInput } from "#lib/ingestion/schema.ts";

/** Longer headings are cut here, in UTF-16 units: they are for citing, and their text stands in the passage as well. */
const longestHeading = 200;
/** The most of a passage that its headings may take. */
const headingShare = 0.25;

/** The headings above a place, and what they take of a passage. */
export interface HeadingPath {
  titles: string[];
  tokens: number;
}

/** Follows the headings of a document in order: each call enters one and gives the path under it. The outermost are left out where all take too much. */
export function createHeadingPath(chunkTokens: number): (level: number, raw: string) => HeadingPath {
  const open: { level: number; title: string }[] = [];
  const limit = Math.floor(chunkTokens * headingShare);

  return (level, raw) => {
    while ((open.at(-1)?.level ?? 0) >= level) open.pop();
    const title = cutText(raw.replace(/\s+/g, " ").trim(), longestHeading);
    if (title) open.push({ level, title });
    const titles = open.map((heading) => heading.title);
    while (titles.length > 0 && countTokens(titles.join(" > ")) > limit) titles.shift();
    return { titles, tokens: countTokens(embeddingInput({ headingPath: titles, content: "" })) };
  };
}
