import { z } from "zod";
import { cleanName } from "#lib/documents/clean-name.ts";
import { inputId, inputText } from "#lib/input.ts";

export const documentStatuses = ["queued", "processing", "ready", "error", "cancelled"] as const;
const stages = ["download", "parse", "chunk", "embed", "publish"] as const;

export const documentStatusSchema = z.enum(documentStatuses);
export const stageSchema = z.enum(stages);

export type DocumentStatus = z.infer<typeof documentStatusSchema>;
export type Stage = z.infer<typeof stageSchema>;

const failureViewSchema = z.object({
  code: z.string(),
  message: z.string(),
  action: z.string(),
  retryable: z.boolean(),
  stage: stageSchema.nullable(),
  correlationId: z.string().nullable(),
});

export const warningSchema = z.object({
  code: z.string(),
  message: z.string(),
  pages: z.array(z.number().int()).optional(),
});

/** Progress of the newest job, counted from what is stored. `percent` is 0 to 100 and never falls within a job. */
const progressSchema = z.object({
  percent: z.number().min(0).max(100),
  pagesDone: z.number().int(),
  pagesTotal: z.number().int().nullable(),
  chunksEmbedded: z.number().int(),
  chunksTotal: z.number().int().nullable(),
  etaSeconds: z.number().nullable(),
});

/** What the newest job has paid for (inputs and tokens of stored passages, requests), and what it took from the cache. */
const usageSchema = z.object({
  inputs: z.number().int(),
  tokens: z.number().int(),
  requests: z.number().int(),
  reusedChunks: z.number().int(),
});

/** How much of the file was read. Pages are counted; a file without pages has 0 of them. */
export const coverageSchema = z.object({
  pages: z.number().int(),
  textPages: z.number().int(),
  ocrPages: z.number().int(),
  blankPages: z.number().int(),
  unreadPages: z.number().int(),
  characters: z.number().int(),
  runningLines: z.number().int(),
  encoding: z.string().nullable(),
});

/** A file that a document carries: a document of its own, or why it is none. */
const attachmentViewSchema = z.object({
  documentId: z.uuid().nullable(),
  fileName: z.string(),
  status: documentStatusSchema.optional(),
  reason: z.string().optional(),
});

export type AttachmentView = z.infer<typeof attachmentViewSchema>;

export const documentViewSchema = z.object({
  id: z.uuid(),
  title: z.string(),
  fileName: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number().int(),
  sha256: z.string(),
  status: documentStatusSchema,
  stage: stageSchema.nullable(),
  /** Why nothing moves though nothing is wrong: others are worked on first, or the embeddings provider asked for a pause. */
  waitingFor: z.enum(["capacity", "provider"]).nullable(),
  /** How many of the owner's documents are taken up before this one; null once it is. Other owners have a queue of their own. */
  ahead: z.number().int().nullable(),
  progress: progressSchema,
  /** Set with status `error`, and with `ready` when the newest reprocess failed and an older index still serves. */
  error: failureViewSchema.nullable(),
  warnings: z.array(warningSchema),
  /** Of the served index, else of the newest job; null before the file was read. */
  coverage: coverageSchema.nullable(),
  usage: usageSchema,
  /** Whether the newest job made the served index: not while it is in work, nor after it failed, was cancelled or was rolled back. */
  servesNewest: z.boolean(),
  chunkCount: z.number().int(),
  pageCount: z.number().int().nullable(),
  /** The main language as ISO 639-1 code; null where it is unclear. */
  language: z.string().nullable(),
  /** Whether the index before the served one is kept, so that `POST .../rollback` can serve it again. */
  canRollBack: z.boolean(),
  /** Whether that was done: a newer index is whole, and the one before it is served. */
  isRolledBack: z.boolean(),
  /** The document that carries this one and with which it goes. */
  parentId: z.uuid().nullable(),
  attachments: z.array(attachmentViewSchema),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export type DocumentView = z.infer<typeof documentViewSchema>;

export const documentListSchema = z.object({
  documents: z.array(documentViewSchema),
  nextCursor: z.string().nullable(),
  counts: z.record(documentStatusSchema, z.number().int()),
  /** Of those that failed, how many a reprocess may help: not their file is at fault. */
  worthReprocessing: z.number().int(),
});

export type DocumentList = z.infer<typeof documentListSchema>;

export const listQuerySchema = z.object({
  status: documentStatusSchema.optional(),
  q: inputText.trim().max(200).optional(),
  /** Only these of them, separated by commas. */
  ids: z
    .string()
    .transform((ids) => ids.split(","))
    .pipe(z.array(inputId).max(100))
    .optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export type ListQuery = z.infer<typeof listQuerySchema>;

const chunkViewSchema = z.object({
  id: z.uuid(),
  ordinal: z.number().int(),
  content: z.string(),
  headingPath: z.array(z.string()),
  pageFrom: z.number().int().nullable(),
  pageTo: z.number().int().nullable(),
  charFrom: z.number().int(),
  charTo: z.number().int(),
  tokenCount: z.number().int(),
});

export type ChunkView = z.infer<typeof chunkViewSchema>;

export const chunkListSchema = z.object({
  chunks: z.array(chunkViewSchema),
  /** For `before`: what comes before these. */
  previousCursor: z.string().nullable(),
  /** For `cursor`: what comes after these. */
  nextCursor: z.string().nullable(),
});

export type ChunkList = z.infer<typeof chunkListSchema>;

export const eventViewSchema = z.object({
  id: z.number().int(),
  at: z.string(),
  level: z.enum(["info", "warn", "error"]),
  stage: stageSchema.nullable(),
  code: z.string(),
  message: z.string(),
  jobNumber: z.number().int().nullable(),
});

export type EventView = z.infer<typeof eventViewSchema>;

export const eventListSchema = z.object({ events: z.array(eventViewSchema) });

export const uploadRequestSchema = z.object({
  fileName: z.string().trim().max(1000).transform(cleanName).pipe(z.string().min(1)),
  sizeBytes: z.number().int().min(0),
});

export const uploadGrantSchema = z.object({ uploadId: z.uuid(), signedUrl: z.url(), expiresAt: z.string() });

export type UploadGrant = z.infer<typeof uploadGrantSchema>;

export const registerRequestSchema = z.object({
  uploadId: inputId,
  title: z.string().trim().max(500).optional(),
});

/** What embedding a file would come to, read and cut but not stored. Text in images is not counted. */
export const estimateSchema = z.object({
  chunks: z.number().int(),
  tokens: z.number().int(),
  pages: z.number().int(),
  model: z.string(),
  /** US dollars by the prices of `pricedAt`; null for a model whose price is not known. */
  priceUsd: z.number().nullable(),
  pricedAt: z.string(),
});

export type Estimate = z.infer<typeof estimateSchema>;

export const estimateRequestSchema = registerRequestSchema.pick({ uploadId: true });

export const acceptedSchema = z.object({ document: documentViewSchema, duplicate: z.boolean() });

export type Accepted = z.infer<typeof acceptedSchema>;

/** Which documents a bulk reprocess means; a key that is left out leaves nothing out. `codes` are those of errors, `model` is that of the served index. */
export const bulkReprocessSchema = z.strictObject({
  status: documentStatusSchema.optional(),
  codes: z.array(inputText.min(1).max(100)).min(1).max(100).optional(),
  ids: z.array(inputId).min(1).max(1000).optional(),
  model: inputText.min(1).max(200).optional(),
});

export type BulkReprocess = z.infer<typeof bulkReprocessSchema>;

export const bulkAcceptedSchema = z.object({ count: z.number().int() });
