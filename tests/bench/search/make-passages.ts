import { createRandom } from "#tests/create-random.ts";

export interface Passage {
  content: string;
  vector: Float32Array;
}

export interface Question {
  words: string;
  vector: Float32Array;
}

const dimensions = 512;
const topics = 300;
/** Variances fall like those of real embeddings: some 150 directions of the 512 carry the differences. */
const scales = Array.from({ length: dimensions }, (_, index) => (index + 1) ** -0.35);

/**
 * Seeded passages as a library has them: of a topic, of a document, and of their own, in vectors as well as in words. Two passages
 * of a document have a cosine of about 0.6, two of a topic 0.4, a question and the passage that it is about 0.6.
 */
export function createSource(seed: number) {
  const random = createRandom(seed);
  const centres = Array.from({ length: topics }, () => direction(random));

  /** The passages of one document about one of `about`'s topics. */
  function makeDocument(about: number[], size: number): Passage[] {
    const topic = about[Math.floor(random() * about.length)] ?? 0;
    const own = direction(random);
    return Array.from({ length: size }, () => ({
      content: `${sentence(random, topic, 80)}.`,
      vector: mix([centres[topic] ?? own, 0.63], [own, 0.45], [direction(random), 0.63]),
    }));
  }

  return {
    makeDocument,
    pickTopics: (count: number) => Array.from({ length: count }, () => Math.floor(random() * topics)),
    /** A question whose answer is `passage`: some of its words, and a direction between its own and any. */
    askAbout: ({ content, vector }: Passage): Question => {
      const words = content.slice(0, -1).split(" ");
      const picked = Array.from({ length: 6 }, () => words[Math.floor(random() * words.length)]);
      return { words: picked.join(" "), vector: mix([vector, 0.6], [direction(random), 0.8]) };
    },
    pick: <T>(list: T[]): T => {
      const one = list[Math.floor(random() * list.length)];
      if (one === undefined) throw new Error("There is nothing to pick from.");
      return one;
    },
  };
}

/** Half of the words are everybody's, half the topic's. Stop words are left out, so that the most frequent is in a third of the passages. */
function sentence(random: () => number, topic: number, length: number): string {
  const words = Array.from({ length }, () =>
    random() < 0.5 ? word(pickRank(random, 20, 4000)) : word(4000 + topic * 200 + pickRank(random, 5, 200)),
  );
  return words.join(" ");
}

/** Zipf's law with its head cut off (Mandelbrot's): `shift` ranks are missing before the first. */
function pickRank(random: () => number, shift: number, size: number): number {
  return Math.floor(shift * ((shift + size) / shift) ** random()) - shift;
}

const syllables = "ba ke di lo mu ra se ti vo nu pa ge fi jo hu za ce wi yo lu".split(" ");

function word(index: number): string {
  const digits = [index % 20, Math.floor(index / 20) % 20, Math.floor(index / 400) % 20, Math.floor(index / 8000)];
  return digits.map((digit) => syllables[digit]).join("");
}

function direction(random: () => number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let index = 0; index < dimensions; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    vector[index] = radius * Math.cos(angle) * (scales[index] ?? 0);
    vector[index + 1] = radius * Math.sin(angle) * (scales[index + 1] ?? 0);
  }
  return toUnitLength(vector);
}

function mix(...parts: [Float32Array, number][]): Float32Array {
  return toUnitLength(
    Float32Array.from({ length: dimensions }, (_, index) =>
      parts.reduce((sum, [vector, weight]) => sum + (vector[index] ?? 0) * weight, 0),
    ),
  );
}

function toUnitLength(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / norm);
}
