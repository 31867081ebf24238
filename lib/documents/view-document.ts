import { z } from "zod";
import {
  coverageSchema,
  type DocumentView,
  documentStatusSchema,
  type Stage,
  stageSchema,
  warningSchema,
} from "#lib/documents/schema.ts";
import { viewAttachments } from "#lib/documents/view-attachments.ts";
import { viewStoredFailure } from "#lib/errors.ts";
import type { Database } from "#lib/supabase/database.types.ts";

export type DocumentOverview = Database["public"]["Views"]["document_overviews"]["Row"];

const storedErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  stage: stageSchema.nullable().optional(),
  correlationId: z.string().nullable().optional(),
});

/** Where each stage begins and how much of the whole it is, in percent; parse and embed are where the time goes. */
const stageShare: Record<Stage, { from: number; share: number }> = {
  download: { from: 2, share: 3 },
  parse: { from: 5, share: 30 },
  chunk: { from: 35, share: 5 },
  embed: { from: 40, share: 57 },
  publish: { from: 97, share: 3 },
};

/** A document as the API shows it. All progress comes from rows that are stored. */
export function viewDocument(row: DocumentOverview, now = Date.now()): DocumentView {
  const status = documentStatusSchema.parse(row.status);
  const attachments = viewAttachments(row.attachments);
  const stage = status === "processing" ? stageSchema.nullable().parse(row.stage) : null;
  return {
    id: row.id ?? "",
    title: row.title ?? "",
    fileName: row.file_name ?? "",
    mediaType: row.media_type ?? "",
    sizeBytes: row.size_bytes ?? 0,
    sha256: row.sha256 ?? "",
    status,
    stage,
    waitingFor: viewWaiting(row, status, now),
    ahead: status === "queued" ? (row.ahead ?? 0) : null,
    progress: viewProgress(row, status, stage, now),
    error: viewError(row.error),
    warnings: [...z.array(warningSchema).parse(row.warnings ?? []), ...attachments.warnings],
    coverage: coverageSchema.nullable().parse(row.coverage),
    usage: {
      inputs: (row.chunks_embedded ?? 0) - (row.chunks_reused ?? 0),
      tokens: row.tokens ?? 0,
      requests: row.embed_requests ?? 0,
      reusedChunks: row.chunks_reused ?? 0,
    },
    servesNewest: row.active_job_id !== null && row.active_job_id === row.job_id,
    chunkCount: row.served_chunks ?? 0,
    pageCount: row.served_pages ?? row.pages_total,
    language: row.language,
    canRollBack: row.previous_job_id !== null && !isInWork(status),
    isRolledBack: row.job_status === "ready" && row.job_id !== row.active_job_id,
    parentId: row.parent_id,
    attachments: attachments.views,
    createdAt: row.created_at ?? "",
    updatedAt: row.updated_at ?? "",
  };
}

function isInWork(status: DocumentView["status"]): boolean {
  return status === "queued" || status === "processing";
}

function viewWaiting(row: DocumentOverview, status: DocumentView["status"], now: number): DocumentView["waitingFor"] {
  if (status === "queued") return "capacity";
  return status === "processing" && row.resumes_at !== null && Date.parse(row.resumes_at) > now ? "provider" : null;
}

function viewProgress(
  row: DocumentOverview,
  status: string,
  stage: Stage | null,
  now: number,
): DocumentView["progress"] {
  const pagesDone = row.pages_done ?? 0;
  const chunksEmbedded = row.chunks_embedded ?? 0;
  const done = { parse: ratio(pagesDone, row.pages_total), embed: ratio(chunksEmbedded, row.chunks_total) };
  const share = stage ? stageShare[stage] : { from: 0, share: 0 };
  const within = stage === "parse" || stage === "embed" ? done[stage] : 0;
  const percent = status === "ready" ? 100 : Math.round(share.from + share.share * within);
  return {
    percent,
    pagesDone,
    pagesTotal: row.pages_total,
    chunksEmbedded,
    chunksTotal: row.chunks_total,
    etaSeconds: stage === "embed" ? estimateSeconds(row, done.embed, now) : null,
  };
}

function ratio(done: number, total: number | null): number {
  return total ? Math.min(done / total, 1) : 0;
}

/** Seconds until the embedding is done at the speed so far; null before there is any. */
function estimateSeconds(row: DocumentOverview, done: number, now: number): number | null {
  const timings = z.record(z.string(), z.string()).catch({}).parse(row.timings);
  const since = timings.embed ? now - Date.parse(timings.embed) : 0;
  if (done <= 0 || since <= 0) return null;
  return Math.round(((since / done) * (1 - done)) / 1000);
}

function viewError(error: unknown): DocumentView["error"] {
  if (error === null || error === undefined) return null;
  const stored = storedErrorSchema.safeParse(error).data;
  return { ...viewStoredFailure(stored), stage: stored?.stage ?? null, correlationId: stored?.correlationId ?? null };
}
