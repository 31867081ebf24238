import { openImage } from "#lib/ingestion/parsers/open-image.ts";
import { openPdfPages } from "#lib/ingestion/parsers/open-pdf-pages.ts";
import type { PageReader } from "#lib/ingestion/parsers/page-reader.ts";
import type { PagedType } from "#lib/ingestion/schema.ts";

/** Throws `file_encrypted` and `file_corrupt`. */
export async function openPages(bytes: Uint8Array, mediaType: PagedType): Promise<PageReader> {
  return mediaType === "application/pdf" ? await openPdfPages(bytes) : openImage();
}
