/** Words of a question that are in every text; marking them would mark everything. */
const common = new Set(
  "about am an and any are as at be but by can could did do does for from had has have he how if in into is it its many may me much must my no not of on or our shall she should so than that the their them then there these they this those to up us was we were what when where which who whom why will with would you your".split(
    " ",
  ),
);
/** Shorter words are marked as they are; of longer ones the last letters may differ. A Korean sign is a syllable. */
const inflected = { letters: 6, ending: 2 };
const inflectedKorean = { letters: 3, ending: 1 };
/** Scripts that set no spaces between words: there a word may begin in the midst of letters. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** Finds the words of a query in any form that begins alike; null where none says something. One group, so that `split` gives them too. */
export function wordsOf(query: string): RegExp | null {
  const patterns = [...segmenter.segment(query.toLowerCase())]
    .filter(({ isWordLike }) => isWordLike)
    .flatMap(({ segment }) => segment.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])
    .filter((word) => (word.length > 1 && !common.has(word)) || /\p{Script=Han}/u.test(word))
    .map(toPattern);
  return patterns.length === 0 ? null : new RegExp(`(${patterns.join("|")})`, "iu");
}

function toPattern(word: string): string {
  if (unspaced.test(word)) return word;
  const { letters, ending } = /\p{Script=Hangul}/u.test(word) ? inflectedKorean : inflected;
  const stem = word.length < letters ? word : word.slice(0, -ending);
  return `(?<![\\p{L}\\p{N}])${stem}[\\p{L}\\p{M}\\p{N}]*`;
}
