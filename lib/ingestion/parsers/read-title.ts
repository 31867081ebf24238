import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

/** The title that a part about a document gives it: the first of its titles, undefined when it has none. */
export function readTitle(bytes: Buffer | null): string | undefined {
  let title: string | undefined;
  let inTitle = false;
  if (!bytes) return undefined;
  walkXml(bytes, {
    open(name) {
      inTitle = name === "title" && title === undefined;
    },
    close() {
      inTitle = false;
    },
    text(text) {
      if (inTitle) title = (title ?? "") + text;
    },
  });
  return title;
}
