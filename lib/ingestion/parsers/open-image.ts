import type { PageReader } from "#lib/ingestion/parsers/page-reader.ts";

/** An image is a page without a text layer. */
export function openImage(): PageReader {
  return {
    head: { pages: 1, title: null, labels: [], outline: [], isWhole: true },
    read: async () => [{ number: 1, height: 0, lines: [], form: "", state: "none" }],
    close: async () => {},
  };
}
