import fc from "fast-check";

/** A line of a random document: what is written, and the words that whoever reads it must find, in their order. */
export interface Line {
  source: string;
  words: string[];
}

export type Part =
  | { kind: "heading"; level: number; line: Line }
  | { kind: "paragraph" | "code" | "quote"; lines: Line[] }
  | { kind: "list"; items: { depth: number; line: Line }[] }
  | { kind: "table"; rows: Line[][] }
  | { kind: "page" };

/** What the lines of a document are made of. */
export interface Alphabet {
  /** Letters of one script each; a letter may be of several characters. */
  scripts: string[][];
  /** What stands between words. No mark that would join the word before it. */
  noise: string[];
  blanks: string[];
}

/** Every script there is a trap in: composed and decomposed, right to left, without blanks, beyond the basic plane. */
export const allScripts: Alphabet = {
  scripts: [
    [..."abcdefgkmnzABCéüñßøŁğ", "e\u0301", "e\u0323\u0302", "q\u0307\u0323", "ﬁ", "\u212b"],
    [..."абвгджёЖЩяіў", "и\u0306"],
    [..."αβγδώΣς", "ω\u0301\u0345"],
    [..."ابتثجحلمنه", "ل\u0627", "ب\u0650\u0651"],
    [..."אבגדשת", "ש\u05c1\u05b8"],
    ["क", "की", "क्ष", "\u0958", "ड\u093c", "ॐ"],
    [..."กขคงจ", "กี้", "ที่", "น\u0e33"],
    [..."知识库文件汉語", "𠮷", "\uf900", "\u{2f800}"],
    [..."かなカナー", "か\u3099", "は\u309a"],
    [..."가각한글", "\u1112\u1161\u11ab", "\u1100\u1161"],
    [..."ႠაბგሀለሐᏣꙮ", "𝐀", "𐐷", "𞤀"],
  ],
  noise: [
    ..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    ..."。，、！？—–…•“”«»№€",
    ...["12.", "3)", "2026", "-1", "1,5", "<|endoftext|>", "&amp;", "\\n", "%s", "#{x}", "--", "::"],
    ...["👩‍👩‍👧‍👦", "🏳️‍🌈", "🧑🏽‍🚀", "🇳🇵", "1️⃣", "\u{1f600}\u200d"],
    ...["\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c"],
    ...[
      "\ufeff",
      "\u00ad",
      "\u2060",
      "\u034f",
      "\u{e0001}",
      "\u{e0061}",
      "\ufe0f",
      "\ufff9",
      "\ufffd",
      "\uffff",
      "\ufffe",
    ],
    ...["\0", "\u0001", "\u0007", "\b", "\u001b[0m", "\u007f", "\u0085", "\u009f", "\v", "\u2028", "\u2029"],
    ...["\ud83d", "\ude00", "\udbff", "\udc00", "\u{10ffff}", "\ue000", "\u{f0000}"],
    ...[" \u0301", " \u0308\u0323", " \u20dd", " \u3099", " \u064b", `a${"\u0300".repeat(40)}`],
    ...["=".repeat(40), "-".repeat(17), "•".repeat(18), " ".repeat(80), "\t\t"],
  ],
  blanks: ["", " ", " ", "  ", "\t", "\u00a0", "\u2003", "\u3000", "\u200b"],
};

/** What the built-in fonts of a PDF can write. */
export const latinScript: Alphabet = {
  scripts: [[..."abcdefgkmnzABCéüñßøÅ"]],
  noise: [..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "12.", "2026", "«", "»", "§"],
  blanks: [" ", " ", "  "],
};

/** The parts of a random document: mostly short, some with a line that is very long, some with nothing in them; one word at least. */
export function makeParts(alphabet: Alphabet): fc.Arbitrary<Part[]> {
  const line = makeLine(alphabet);
  const lines = fc.array(line, { maxLength: 4 });
  const item = fc.record({ depth: fc.oneof(fc.nat(3), fc.nat(30)), line });
  const part: fc.Arbitrary<Part> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("heading"), level: fc.integer({ min: 1, max: 6 }), line }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("paragraph", "code", "quote"), lines }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("list"), items: fc.array(item, { maxLength: 6 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("table"), rows: fc.array(lines, { maxLength: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("page") }) },
  );
  const word: Part = { kind: "paragraph", lines: [{ source: "word", words: ["word"] }] };
  return fc.tuple(fc.array(part, { maxLength: 12 }), fc.nat(12)).map(([parts, at]) => parts.toSpliced(at, 0, word));
}

function makeLine({ scripts, noise, blanks }: Alphabet): fc.Arbitrary<Line> {
  const word = fc.oneof(
    ...scripts.map((letters) => fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 9 })),
  );
  const soft = scripts === latinScript.scripts ? fc.constant("") : fc.constantFrom("", "", "", "\u00ad");
  const spelled = fc.tuple(word, soft).map(([letters, hyphen]) => ({
    source: letters.join(hyphen),
    words: [letters.join("").normalize("NFC")],
  }));
  const strange = fc.constantFrom(...noise).map((source) => ({ source, words: [] }));
  const piece = fc.tuple(fc.oneof({ weight: 3, arbitrary: spelled }, strange), fc.constantFrom(...blanks));
  const pieces = fc.array(piece, { maxLength: 12 });
  const times = fc.oneof({ weight: 150, arbitrary: fc.constant(1) }, fc.integer({ min: 100, max: 400 }));
  return fc.tuple(pieces, times).map(([found, repeats]) => {
    const source = found.map(([{ source }, blank]) => source + blank).join("");
    const words = found.flatMap(([{ words }]) => words);
    return { source: source.repeat(repeats), words: Array.from({ length: repeats }, () => words).flat() };
  });
}
