import type { PagedHead, PageRecord } from "#lib/ingestion/pages/schema.ts";

/** A file whose pages are read a few at a time. */
export interface PageReader {
  head: PagedHead;
  read(from: number, to: number): Promise<PageRecord[]>;
  close(): Promise<void>;
}
