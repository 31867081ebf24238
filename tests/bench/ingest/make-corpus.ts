import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRandom } from "#tests/create-random.ts";
import { makePdf } from "#tests/unit/make-pdf.ts";

const corpora: Record<string, (write: Writer) => File[]> = {
  small: (write) => makeSmall(write, 100),
  long: (write) => [makeLong(write, 5_000)],
  pages: (write) => [makeBook(write, "book.pdf", 1_000)],
  mix: (write) => [
    ...makeSmall(write, 40),
    makeBook(write, "report.pdf", 100),
    makeLong(write, 600),
    makeBook(write, "leaflet.pdf", 20),
  ],
};

export const corpusNames = Object.keys(corpora);

const wordsPerSentence = 14;
const sentencesPerParagraph = 5;
/** Of the passages that the product cuts of such prose. */
const paragraphsPerPassage = 4.0;
const linesPerPage = 40;

/**
 * The files of a corpus, for one round. No sentence of one `seed` is that of another, so that no vector was paid for before. The words are those of real
 * prose, as often as they are there: a passage is as long, and what is indexed of it as much, as of a text that somebody wrote.
 */
export function makeCorpus(name: string, seed: number): File[] {
  return corpora[name]?.(createWriter(seed)) ?? [];
}

/** A PDF with text on each of its pages. */
export function makeBook(write: Writer, name: string, pages: number): File {
  const line = (_: unknown, index: number) => ({ text: write.sentence(), y: 760 - index * 17 });
  const page = () => Array.from({ length: linesPerPage }, line);
  return new File([new Uint8Array(makePdf(Array.from({ length: pages }, page)))], name);
}

/** Markdown files of ten passages each. */
export function makeSmall(write: Writer, count: number): File[] {
  return Array.from(
    { length: count },
    (_, index) => new File([`# Document ${index}\n\n${makeProse(write, 10)}`], `small-${index}.md`),
  );
}

function makeLong(write: Writer, passages: number): File {
  return new File([`# A long document\n\n${makeProse(write, passages)}`], `long-${passages}.md`);
}

function makeProse({ sentence }: Writer, passages: number): string {
  const paragraph = () => Array.from({ length: sentencesPerParagraph }, sentence).join(" ");
  return Array.from({ length: Math.round(passages * paragraphsPerPassage) }, paragraph).join("\n\n");
}

export interface Writer {
  sentence: () => string;
}

/** Writes sentences of random words, the same for the same seed. */
export function createWriter(seed: number): Writer {
  const words = readWords();
  const random = createRandom(seed);
  const word = () => words[Math.floor(random() * words.length)] ?? "";
  return { sentence: () => `${Array.from({ length: wordsPerSentence }, word).join(" ")}.` };
}

function readWords(): string[] {
  const folder = join(import.meta.dirname, "../../fixtures/retrieval");
  const texts = ["self-hosting.md", "semver.md", "glossary.md"].map((name) => readFileSync(join(folder, name), "utf8"));
  return texts.join(" ").match(/\b[a-z]+\b/gi) ?? [];
}
