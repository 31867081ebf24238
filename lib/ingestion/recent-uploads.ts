import type { JobWork } from "#lib/ingestion/schema.ts";

/** Files that were just taken in, by the jobs that were queued for them. */
export interface RecentUploads {
  keep(work: JobWork, bytes: Uint8Array): void;
  /** What there is to work on, to be taken up by the first run that asks; another run has to ask the database. */
  find(ids: { documentId: string; jobId: string }, runId: string): JobWork | undefined;
  /** Gives the file away: whoever asks a second time fetches it. */
  take(jobId: string): Uint8Array | undefined;
}

interface Limits {
  mostBytes: number;
  longestMs: number;
}

interface Upload {
  work: JobWork;
  bytes: Uint8Array | undefined;
  timer: NodeJS.Timeout;
}

/** Keeps the latest files in memory, so many bytes of them and each so long. */
export function createRecentUploads({ mostBytes, longestMs }: Limits): RecentUploads {
  const uploads = new Map<string, Upload>();
  let size = 0;

  function take(jobId: string): Uint8Array | undefined {
    const upload = uploads.get(jobId);
    const bytes = upload?.bytes;
    if (!upload || !bytes) return undefined;
    upload.bytes = undefined;
    size -= bytes.byteLength;
    return bytes;
  }

  function drop(jobId: string): void {
    take(jobId);
    clearTimeout(uploads.get(jobId)?.timer);
    uploads.delete(jobId);
  }

  return {
    take,

    find({ documentId, jobId }, runId) {
      const upload = uploads.get(jobId);
      if (upload?.work.documentId !== documentId) return undefined;
      upload.work.runId ??= runId;
      return upload.work.runId === runId ? upload.work : undefined;
    },

    keep(work, bytes) {
      const { jobId } = work;
      drop(jobId);
      if (bytes.byteLength > mostBytes) return;
      const timer = setTimeout(() => drop(jobId), longestMs).unref();
      uploads.set(jobId, { work: { ...work }, bytes, timer });
      size += bytes.byteLength;
      for (const oldest of uploads.keys()) {
        if (size <= mostBytes) return;
        drop(oldest);
      }
    },
  };
}

/** What this process has just taken in: the run that reads it is as a rule about to begin in the same process. */
export const recentUploads = createRecentUploads({ mostBytes: 32 * 1024 * 1024, longestMs: 60_000 });
