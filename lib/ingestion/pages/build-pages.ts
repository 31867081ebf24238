import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder, type DocumentBuilder } from "#lib/ingestion/build-document.ts";
import { dropRunningLines } from "#lib/ingestion/pages/drop-running-lines.ts";
import { createHeadingFinder, type PageHeading } from "#lib/ingestion/pages/find-headings.ts";
import { groupParagraphs } from "#lib/ingestion/pages/group-paragraphs.ts";
import { isBetter, judgePages } from "#lib/ingestion/pages/judge-pages.ts";
import type { PagedHead, PageLine, PageRecord, RecognisedPage, Survey } from "#lib/ingestion/pages/schema.ts";
import type { DocumentFacts, DocumentWriter } from "#lib/ingestion/stored-document.ts";

interface Input {
  head: PagedHead;
  survey: Survey;
  /** The records of all pages, some at a time. */
  windows: AsyncIterable<PageRecord[]>;
  recognised: Map<number, RecognisedPage>;
  /** What was looked for in images; nothing when empty. */
  languages: string;
  maxCharacters: number;
}

/** Writes the text of a paged document, as many pages at a time as it gets. Throws `text_missing`, `file_corrupt`, `file_too_complex`. */
export async function buildPages(input: Input, writer: DocumentWriter): Promise<DocumentFacts> {
  const { head, survey, recognised } = input;
  if ([...survey.states.values()].every((state) => state === "failed")) throw new Failure("file_corrupt");
  const builder = createDocumentBuilder({ maxCharacters: input.maxCharacters, joinHyphens: true });
  const findHeadings = createHeadingFinder(head, survey);
  const seen = new Set<string>();
  const replaced = new Set<number>();
  let runningLines = 0;
  let isFirst = true;
  for await (const window of input.windows) {
    if (!isFirst) await writer.add(builder.cut());
    isFirst = false;
    for (const page of window) {
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
  }
  const { warnings, coverage } = judgePages({ ...input, replaced });
  const missing = tellMissing(head.pages, input.languages);
  return await writer.finish(
    builder.finish({ title: head.title, warnings, coverage: { ...coverage, runningLines }, missing }),
  );
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
