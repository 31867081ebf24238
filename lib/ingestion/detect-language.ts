import { sampleText } from "#lib/ingestion/sample-text.ts";

interface Script {
  /** As Unicode names it. */
  name: string;
  /** The language that is written in it, where it is one alone or nearly so; null where `eld` tells them apart. */
  language: string | null;
  /** How many letters of an alphabet one of its signs says as much as. */
  weight?: number;
}

const known: Script[] = [
  { name: "Latin", language: null },
  { name: "Cyrillic", language: null },
  { name: "Arabic", language: null },
  { name: "Devanagari", language: null },
  { name: "Han", language: "zh", weight: 3 },
  { name: "Hangul", language: "ko", weight: 2 },
  { name: "Hebrew", language: "he" },
  { name: "Greek", language: "el" },
  { name: "Thai", language: "th" },
  { name: "Lao", language: "lo" },
  { name: "Khmer", language: "km" },
  { name: "Myanmar", language: "my" },
  { name: "Armenian", language: "hy" },
  { name: "Georgian", language: "ka" },
  { name: "Tamil", language: "ta" },
  { name: "Telugu", language: "te" },
  { name: "Kannada", language: "kn" },
  { name: "Malayalam", language: "ml" },
  { name: "Bengali", language: "bn" },
  { name: "Gujarati", language: "gu" },
  { name: "Gurmukhi", language: "pa" },
  { name: "Sinhala", language: "si" },
  { name: "Ethiopic", language: "am" },
];
const scripts = known.map((script) => ({ ...script, sign: new RegExp(`\\p{Script=${script.name}}`, "gu") }));
/** What a text of ASCII alone can be written in. */
const plainScripts = scripts.filter(({ name }) => name === "Latin");

/** Languages that `eld` does not know or is unsure of, by what their texts are full of and no other's of the script are. */
const marks: { language: string; script: string; mark: RegExp }[] = [
  { language: "vi", script: "Latin", mark: /[ơưẠ-ẶẺ-ỊỎ-ỹ]/giu },
  { language: "ga", script: "Latin", mark: /(?<!\p{L})agus(?!\p{L})/giu },
  { language: "mk", script: "Cyrillic", mark: /[ѓќѕ]/giu },
  { language: "ne", script: "Devanagari", mark: /हरू|हरु|(?<![\p{L}\p{M}])(?:छ|छन्|गर्न|गर्ने|मा)(?![\p{L}\p{M}])/gu },
  { language: "hi", script: "Devanagari", mark: /(?<![\p{L}\p{M}])(?:है|हैं|में|और)(?![\p{L}\p{M}])/gu },
  { language: "yi", script: "Hebrew", mark: /(?<![\p{L}\p{M}])(?:און|איז|דער|פֿון|פון)(?![\p{L}\p{M}])/gu },
];

/** The fewest letters (weighed) that tell a language, of a script that is its own and of one that many share. */
const fewestOfOwn = 20;
const fewestOfShared = 40;
/** How often a mark must stand: once in so many letters. A word like "agus" is every 150th to 250th. */
const lettersToMark = 400;
/** So many samples from all over a text that agree, and no other, tell the language of it. */
const fewestVotes = 4;

/**
 * The main language of a text as ISO 639-1 code, judged by samples from all over it; null where it is too short or unclear.
 * Malay is called Indonesian: they are too alike to be told apart.
 */
export async function detectLanguage(text: string): Promise<string | null> {
  const samples = sampleText(text).map((sample) => sample.replace(/https?:\/\/\S+|\S+@\S+/g, " "));
  const sample = samples.join("\n");
  const script = findScript(sample);
  if (!script) return null;
  const marked = marks.find((mark) => mark.script === script.name && isMarked(sample, mark.mark, script.letters));
  if (marked) return marked.language;
  if (script.language) return script.language;
  return script.letters < fewestOfShared ? null : await askModel(samples);
}

/** The script that says most in a text; null where none says enough. */
function findScript(text: string): (Script & { letters: number }) | null {
  const kana = 2 * count(text, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const counted = (/\P{ASCII}/u.test(text) ? scripts : plainScripts).map((script) => {
    const letters = (script.weight ?? 1) * count(text, script.sign);
    // Japanese writes with both; Chinese quotes a Japanese name at most.
    return script.name === "Han" && kana > (letters + kana) / 10
      ? { ...script, language: "ja", letters: letters + kana }
      : { ...script, letters };
  });
  const most = counted.reduce((best, script) => (script.letters > best.letters ? script : best));
  return most.letters < fewestOfOwn ? null : most;
}

function isMarked(text: string, mark: RegExp, letters: number): boolean {
  return count(text, mark) * lettersToMark >= letters;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** What most samples are in (of each the first 350 bytes count), of those that the model is sure of; null where these are less than a third. */
async function askModel(samples: string[]): Promise<string | null> {
  // Half a second and 90 MB, so it is not loaded before a text asks for it.
  const { eld } = await import("eld/extrasmall");
  const votes = new Map<string, number>();
  for (const sample of [0, 1, 2].flatMap((from) => samples.filter((_, index) => index % 3 === from))) {
    const answer = eld.detect(sample);
    if (!answer.isReliable()) continue;
    const had = (votes.get(answer.language) ?? 0) + 1;
    votes.set(answer.language, had);
    // No other has a vote, or can have more any more.
    if ((votes.size === 1 && had >= fewestVotes) || had * 2 > samples.length) break;
  }
  const [first] = [...votes].sort(([, one], [, other]) => other - one);
  if (!first || first[1] * 3 < samples.length) return null;
  return first[0] === "ms" ? "id" : first[0];
}
