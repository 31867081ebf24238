import { z } from "zod";

export const findingNames = [
  "stalled_jobs",
  "unsent_events",
  "documents_without_job",
  "incomplete_indexes",
  "mismatched_models",
  "orphaned_chunks",
  "orphaned_objects",
  "forgotten_uploads",
  "unremoved_documents",
  "embeddings_provider",
] as const;

export type FindingName = (typeof findingNames)[number];

/** One thing that may be wrong: how often it was found, and at most five ids of it. */
const findingSchema = z.object({
  name: z.enum(findingNames),
  count: z.number().int(),
  samples: z.array(z.string()),
  meaning: z.string(),
  remedy: z.string(),
});

export type Finding = z.infer<typeof findingSchema>;

/** `isHealthy` when nothing was found; `inventory` is what is there, which is no fault. Sizes in bytes, ages in seconds. */
export const examinationSchema = z.object({
  isHealthy: z.boolean(),
  findings: z.array(findingSchema),
  inventory: z.object({
    documents: z.number(),
    failed: z.number(),
    queued: z.number(),
    processing: z.number(),
    oldestQueuedSeconds: z.number(),
    chunks: z.number(),
    cachedVectors: z.number(),
    cacheBytes: z.number(),
  }),
});

export type Examination = z.infer<typeof examinationSchema>;
