import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder, type DocumentBuilder } from "#lib/ingestion/build-document.ts";
import { dropRunningLines } from "#lib/ingestion/pages/drop-running-lines.ts";
import { createHeadingFinder, type PageHeading } from "#lib/ingestion/pages/find-headings.ts";
import { groupParagraphs } from "#lib/ingestion/pages/group-paragraphs.ts";
import { isBetter, judgePages } from "#lib/ingestion/pages/judge-pages.ts";
import type { PagedHead, PageLine, PageRecord, RecognisedPage, Survey } from "#lib/ingestion/pages/schema.ts";
import type { ParsedWindow, ParserOutput } from "#lib/ingestion/schema.ts";

interface Input {
  head: PagedHead;
  /** What is known of the pages so far. It may grow between two windows. */
  survey: Survey;
  /** What was looked for in images; nothing when empty. */
  languages: string;
  maxCharacters: number;
}

type Recognised = Map<number, RecognisedPage>;

/** Puts the text of a paged document together. Throws `file_too_complex`. */
export interface PagesBuilder {
  /** Takes the next pages, and gives their text; null of the last ones, which `finish` gives. */
  add(pages: PageRecord[], recognised: Recognised): ParsedWindow | null;
  /** The last pages, and what is known of the whole. Throws `text_missing`, `file_corrupt`. */
  finish(recognised: Recognised): ParserOutput;
}

export function createPagesBuilder({ head, survey, languages, maxCharacters }: Input): PagesBuilder {
  const builder = createDocumentBuilder({ maxCharacters, joinHyphens: true });
  const seen = new Set<string>();
  const replaced = new Set<number>();
  let runningLines = 0;
  return {
    add(pages, recognised) {
      const findHeadings = createHeadingFinder(head, survey);
      for (const page of pages) {
        const { number, height } = page;
        const label = head.labels[number - 1];
        const about = label ? { label } : {};
        const scan = recognised.get(number);
        if (isBetter(page, scan)) {
          replaced.add(number);
          builder.startPage(number, { ...about, source: "ocr" });
          for (const text of scan.text.split(/\n\s*\n/)) builder.add({ kind: "paragraph", text });
        } else {
          const lines = dropRunningLines(page, survey, seen);
          runningLines += page.lines.length - lines.length;
          builder.startPage(number, about);
          addLines(builder, lines, findHeadings(number, height, lines));
        }
        builder.add({ kind: "form", text: page.form });
      }
      return pages.at(-1)?.number === head.pages ? null : builder.cut();
    },

    finish(recognised) {
      if ([...survey.states.values()].every((state) => state === "failed")) throw new Failure("file_corrupt");
      const { warnings, coverage } = judgePages({ head, survey, languages, recognised, replaced });
      const missing = tellMissing(head.pages, languages);
      return builder.finish({ title: head.title, warnings, coverage: { ...coverage, runningLines }, missing });
    },
  };
}

function addLines(builder: DocumentBuilder, lines: PageLine[], headings: PageHeading[]): void {
  let done = 0;
  const addUpTo = (end: number) => {
    for (const block of groupParagraphs(lines.slice(done, end))) builder.add(block);
    done = Math.max(done, end);
  };
  for (const { index, count, level, title } of headings) {
    addUpTo(index);
    const printed = lines.slice(Math.max(index, done), index + count).map(({ text }) => text);
    builder.add({ kind: "heading", level, text: printed.join("\n"), ...(title ? { title } : {}) });
    done = Math.max(done, index + count);
  }
  addUpTo(lines.length);
}

function tellMissing(pages: number, languages: string): string {
  const found = `None of the file's pages (${pages}) holds text; it looks scanned`;
  return languages === ""
    ? `${found}, and text in images is not recognised here.`
    : `${found}, and nothing could be recognised in its images.`;
}
