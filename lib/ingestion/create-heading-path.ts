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

/** Follows the headings of a document in order: each call enters one and gives the path under it. Where all take too much the outermost are left out, and the last is cut. */
export function createHeadingPath(chunkTokens: number): (level: number, raw: string) => HeadingPath {
  const open: { level: number; title: string }[] = [];
  const limit = Math.floor(chunkTokens * headingShare);

  return (level, raw) => {
    while ((open.at(-1)?.level ?? 0) >= level) open.pop();
    const title = cutText(raw.replace(/\s+/g, " ").trim(), longestHeading);
    if (title) open.push({ level, title });
    let titles = open.map((heading) => heading.title);
    while (titles.length > 1 && countTokens(titles.join(" > ")) > limit) titles.shift();
    if (titles.length === 1) titles = cutToTokens(titles[0] ?? "", limit);
    return { titles, tokens: countTokens(embeddingInput({ headingPath: titles, content: "" })) };
  };
}

/** The beginning of a title that has at most so many tokens; none where not a word of it fits. */
function cutToTokens(title: string, limit: number): string[] {
  let cut = title;
  for (let tokens = countTokens(cut); tokens > limit; tokens = countTokens(cut)) {
    cut = cutText(cut, Math.min(Math.floor((cut.length * limit) / tokens), cut.length - 1)).trimEnd();
  }
  return cut ? [cut] : [];
}
