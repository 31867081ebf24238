/** Words of a question that are in every text; marking them would mark everything. */
const common = new Set(
  "about are can could did does for from had has have how into its many may much must not our shall should than that the their them then there these they this those was were what when where which who whom why will with would you your".split(
    " ",
  ),
);
/** Shorter words are marked as they are; of longer ones the last two letters may differ. */
const inflected = 6;

/** A text with the words of a query marked, in any form that begins alike. */
export function Highlight({ text, query }: { text: string; query: string }) {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const stems = words
    .filter((word) => word.length > 2 && !common.has(word))
    .map((word) => (word.length < inflected ? word : word.slice(0, -2)));
  if (stems.length === 0) return text;
  const pattern = new RegExp(`((?<![\\p{L}\\p{N}])(?:${stems.join("|")})[\\p{L}\\p{N}]*)`, "giu");
  let at = 0;
  return text.split(pattern).map((part, index) => {
    const key = at;
    at += part.length;
    return index % 2 === 1 ? <mark key={key}>{part}</mark> : part;
  });
}
