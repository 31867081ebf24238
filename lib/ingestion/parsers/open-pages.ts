import type { PagedHead, PageRecord } from "#lib/ingestion/pages/schema.ts";
import { openImage } from "#lib/ingestion/parsers/open-image.ts";
import { openPdfPages } from "#lib/ingestion/parsers/open-pdf-pages.ts";
import type { PagedType } from "#lib/ingestion/schema.ts";

/** A file whose pages are read a few at a time. */
export interface PageReader {
  head: PagedHead;
  read(from: number, to: number): Promise<PageRecord[]>;
  close(): Promise<void>;
}

/** Throws `file_encrypted` and `file_corrupt`. */
export async function openPages(bytes: Uint8Array, mediaType: PagedType): Promise<PageReader> {
  return mediaType === "application/pdf" ? await openPdfPages(bytes) : openImage();
}
