import type { DocumentView } from "#lib/documents/schema.ts";
import { mediaTypes } from "#lib/ingestion/schema.ts";

const languageNames = new Intl.DisplayNames("en", { type: "language" });
const typeNames = new Map(Object.entries(mediaTypes).map(([mediaType, { name }]) => [mediaType, name]));

export const statusNames: Record<DocumentView["status"], string> = {
  queued: "Waiting",
  processing: "In work",
  ready: "Ready",
  error: "Failed",
  cancelled: "Cancelled",
};

export function typeName(mediaType: string): string {
  return typeNames.get(mediaType) ?? mediaType;
}

/** "German" for "de"; a code without a name stays as it is. */
export function languageName(code: string): string {
  return languageNames.of(code) ?? code;
}

/** "1,400". */
export function formatNumber(number: number): string {
  return number.toLocaleString("en");
}

/** "1 passage", "1,400 passages". */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function formatTime(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** What is being done, in words. */
export function describeWork({ stage, waitingFor, ahead, progress }: DocumentView): string {
  const { pagesDone, pagesTotal, chunksEmbedded, chunksTotal, etaSeconds } = progress;
  if (waitingFor === "capacity") return ahead ? `Waiting, ${formatNumber(ahead)} ahead` : "Waiting for its turn";
  if (waitingFor === "provider") return "Waiting, as the embeddings provider has asked";
  if (stage === "download") return "Fetching the file";
  if (stage === "parse")
    return pagesTotal
      ? `Reading page ${formatNumber(Math.min(pagesDone + 1, pagesTotal))} of ${formatNumber(pagesTotal)}`
      : "Reading the file";
  if (stage === "chunk") return "Cutting it into passages";
  if (stage === "publish") return "Publishing";
  if (stage !== "embed") return "Starting";
  const left = etaSeconds && etaSeconds > 2 ? `, about ${formatDuration(etaSeconds)} left` : "";
  return `Embedding passage ${formatNumber(chunksEmbedded)} of ${chunksTotal === null ? "…" : formatNumber(chunksTotal)}${left}`;
}

/** How much was read, in words: what is not worth saying is left out. */
export function describeCoverage(coverage: NonNullable<DocumentView["coverage"]>): string[] {
  const { pages, ocrPages, blankPages, unreadPages, characters, runningLines, encoding } = coverage;
  const special = [
    ocrPages > 0 ? `${formatNumber(ocrPages)} read from images` : "",
    blankPages > 0 ? `${formatNumber(blankPages)} blank` : "",
    unreadPages > 0 ? `${formatNumber(unreadPages)} not read` : "",
  ].filter((part) => part !== "");
  return [
    pages > 0 ? `${formatCount(pages, "page")}${special.length > 0 ? ` (${special.join(", ")})` : ""}` : "",
    formatCount(characters, "character"),
    encoding && encoding !== "utf-8" ? `encoded in ${encoding}` : "",
    runningLines > 0 ? `${formatCount(runningLines, "repeated head or foot line")} left out` : "",
  ].filter((part) => part !== "");
}

export function isInWork({ status }: { status?: DocumentView["status"] | undefined }): boolean {
  return status === "queued" || status === "processing";
}

function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.round(seconds / 60)} min`;
}
