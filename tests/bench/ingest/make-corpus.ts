import { makePdf } from "#tests/unit/make-pdf.ts";

/** What is ingested in one go. */
export interface Corpus {
  name: string;
  files: File[];
}

const words =
  "harbour tide lantern granite meadow copper willow signal orchard thunder velvet compass anchor bridge candle desert engine forest garden island jungle keeper letter market needle office paper quarry river station".split(
    " ",
  );
const wordsPerSentence = 14;
const sentencesPerParagraph = 5;
/** Of the passages that the product cuts of such prose. */
const paragraphsPerPassage = 4.8;

/** The corpora of one round. No sentence of one `seed` is that of another, so that nothing is in the cache of vectors. */
export function makeCorpora(seed: number): Corpus[] {
  const write = createWriter(seed);
  const prose = (passages: number) =>
    Array.from({ length: Math.round(passages * paragraphsPerPassage) }, write.paragraph).join("\n\n");
  const book = (name: string, pages: number) => {
    const page = () => Array.from({ length: 40 }, (_, line) => ({ text: write.sentence(), y: 760 - line * 17 }));
    return new File([new Uint8Array(makePdf(Array.from({ length: pages }, page)))], name);
  };
  const small = (count: number) =>
    Array.from({ length: count }, (_, index) => new File([`# Document ${index}\n\n${prose(10)}`], `small-${index}.md`));
  const long = (passages: number) => new File([`# A long document\n\n${prose(passages)}`], `long-${passages}.md`);
  return [
    { name: "small", files: small(100) },
    { name: "long", files: [long(5_000)] },
    { name: "pages", files: [book("book.pdf", 1_000)] },
    { name: "mix", files: [...small(40), book("report.pdf", 100), long(600), book("leaflet.pdf", 20)] },
  ];
}

function createWriter(seed: number) {
  let state = seed * 7919 + 1;
  const next = () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const word = () => words[Math.floor(next() * words.length)] ?? "";
  const sentence = () => `${Array.from({ length: wordsPerSentence }, word).join(" ")}.`;
  return { sentence, paragraph: () => Array.from({ length: sentencesPerParagraph }, sentence).join(" ") };
}
