import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Chunk } from "#lib/ingestion/schema.ts";

const fixtures = join(import.meta.dirname, "../../fixtures");

const questionsSchema = z.array(
  z.object({
    question: z.string(),
    /** Under tests/fixtures. */
    file: z.string(),
    /** 1-based; null in a document without pages. */
    page: z.number().int().nullable(),
    /** One of the headings above the answer; null where the document has none there. */
    heading: z.string().nullable(),
    /** Of the answer, word for word but for white space. */
    phrase: z.string(),
    /** Whether the question is put in the document's words or in others. */
    words: z.enum(["same", "other"]),
  }),
);

export type Question = z.infer<typeof questionsSchema>[number];

/** The judged questions, each with the place that answers it. */
export function readQuestions(): Question[] {
  return questionsSchema.parse(JSON.parse(readFileSync(join(fixtures, "retrieval/questions.json"), "utf8")));
}

type Passage = { file: string } & Pick<Chunk, "content" | "headingPath" | "pageFrom" | "pageTo">;

/** Whether a passage would be cited rightly: from the file, on the page, under the heading, and with the answer in it. */
export function isAnswer({ file, page, heading, phrase }: Question, passage: Passage): boolean {
  const { pageFrom, pageTo } = passage;
  const onPage = page === null || (pageFrom !== null && pageFrom <= page && page <= (pageTo ?? pageFrom));
  const underHeading = heading === null || passage.headingPath.includes(heading);
  return passage.file === file && onPage && underHeading && fold(passage.content).includes(fold(phrase));
}

function fold(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
