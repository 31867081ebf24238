import { countLetters } from "#lib/ingestion/pages/count-letters.ts";
import type { PagedHead, PageRecord, PageState, RecognisedPage, Survey } from "#lib/ingestion/pages/schema.ts";
import type { Coverage, Warning } from "#lib/ingestion/schema.ts";

/** Below this nothing that was recognised is to be believed, in percent. */
const unbelievable = 35;
/** Below this it should be looked at, in percent. */
const doubtful = 60;

/** Whether what was recognised on a page is better than its text layer. */
export function isBetter({ state, lines }: PageRecord, scan: RecognisedPage | undefined): scan is RecognisedPage {
  if (!scan || scan.confidence < unbelievable) return false;
  const recognised = countLetters(scan.text);
  if (state === "garbled") return recognised > 0 && scan.confidence >= doubtful;
  return recognised > countLetters(lines.map(({ text }) => text).join(""));
}

interface Input {
  head: PagedHead;
  survey: Survey;
  recognised: Map<number, RecognisedPage>;
  /** The pages whose text is what was recognised. */
  replaced: Set<number>;
  languages: string;
}

/** What has to be said of a document's pages, and how much of them was read. */
export function judgePages({ head, survey, recognised, replaced, languages }: Input): {
  warnings: Warning[];
  coverage: Partial<Coverage>;
} {
  const warnings: Warning[] = [];
  const find = (isSo: (number: number, state: PageState) => boolean) =>
    [...survey.states].flatMap(([number, state]) => (isSo(number, state) ? [number] : [])).sort((a, b) => a - b);
  const tell = (code: Warning["code"], pages: number[], message: string) => {
    if (pages.length > 0) warnings.push({ code, message: `${listPages(pages)} ${message}`, pages });
  };

  const failed = find((_, state) => state === "failed");
  const blank = find((number) => recognised.get(number)?.isBlank === true);
  const unread = find(
    (number, state) =>
      state === "none" && !replaced.has(number) && !survey.filledIn.has(number) && !recognised.get(number)?.isBlank,
  );
  if (!head.isWhole) {
    const message = "The end of the file is missing or damaged; what could be read of it is there.";
    warnings.push({ code: "file_recovered", message });
  }
  tell("page_failed", failed, "could not be read.");
  tell("pages_without_text", unread, `gave no text: ${explainUnread(unread, recognised, languages)}`);
  const garbled = find((number, state) => state === "garbled" && !replaced.has(number));
  tell("text_garbled", garbled, "gave text that is partly unreadable.");
  const unsure = [...replaced].filter((number) => (recognised.get(number)?.confidence ?? 0) < doubtful);
  tell("ocr_low_confidence", unsure, "were hard to recognise; their text may have mistakes.");
  return {
    warnings,
    coverage: { ocrPages: replaced.size, blankPages: blank.length, unreadPages: failed.length + unread.length },
  };
}

function explainUnread(pages: number[], recognised: Map<number, RecognisedPage>, languages: string): string {
  if (languages === "") return "text in images is not recognised here.";
  return pages.every((number) => recognised.has(number))
    ? "nothing could be recognised in their images."
    : "the file has more scanned pages than are recognised.";
}

function listPages(numbers: number[]): string {
  const shown = numbers.slice(0, 20).join(", ");
  const rest = numbers.length > 20 ? ` and ${numbers.length - 20} more` : "";
  return numbers.length === 1 ? `Page ${shown}` : `Pages ${shown}${rest}`;
}
