import { z } from "zod";
import { inputId, inputText } from "#lib/input.ts";

export const searchQuerySchema = z.object({
  q: inputText.trim().min(1).max(1000),
  limit: z.coerce.number().int().min(1).max(50).default(10),
  documentId: inputId.optional(),
});

export type SearchQuery = z.infer<typeof searchQuerySchema>;

const searchResultSchema = z.object({
  documentId: z.uuid(),
  chunkId: z.uuid(),
  title: z.string(),
  fileName: z.string(),
  content: z.string(),
  /** Reciprocal rank fusion of both legs; comparable within one answer only. */
  score: z.number(),
  pageFrom: z.number().int().nullable(),
  pageTo: z.number().int().nullable(),
  headingPath: z.array(z.string()),
  charFrom: z.number().int(),
  charTo: z.number().int(),
  /** Its place among the passages of the document, from 0. */
  ordinal: z.number().int(),
});

export type SearchResult = z.infer<typeof searchResultSchema>;

export const searchAnswerSchema = z.object({ results: z.array(searchResultSchema) });
