import { asFailure } from "#lib/errors.ts";
import type { Zip } from "#lib/ingestion/parsers/open-zip.ts";
import { resolvePart } from "#lib/ingestion/parsers/resolve-part.ts";
import { walkXml, type XmlHandlers } from "#lib/ingestion/parsers/walk-xml.ts";

/** What a book's table of contents, of EPUB 2 (`ncx`) or 3 (`nav`), calls each part: the first entry that leads to it. */
export function readContents(zip: Zip, part: string): Map<string, string> {
  const titles = new Map<string, string>();
  const bytes = zip.read(part);
  if (!bytes) return titles;
  const add = (reference: string, raw: string) => {
    const target = resolvePart(part, reference);
    const title = raw.replace(/\s+/g, " ").trim();
    if (title !== "" && !titles.has(target)) titles.set(target, title);
  };
  try {
    walkXml(bytes, /\.ncx$/i.test(part) ? readNcx(add) : readNav(add));
  } catch (thrown) {
    // The book can be read without it.
    if (asFailure(thrown).code !== "file_corrupt") throw thrown;
  }
  return titles;
}

type Add = (reference: string, title: string) => void;

function readNcx(add: Add): XmlHandlers {
  let title = "";
  let inText = false;
  return {
    open(name, attributes) {
      if (name === "navPoint") title = "";
      if (name === "text") inText = true;
      if (name === "content") add(attributes().src ?? "", title);
    },
    close(name) {
      if (name === "text") inText = false;
    },
    text(text) {
      if (inText) title += text;
    },
  };
}

function readNav(add: Add): XmlHandlers {
  let inContents = false;
  let reference: string | undefined;
  let title = "";
  return {
    open(name, attributes) {
      // Others list pages and landmarks.
      if (name === "nav") inContents = attributes().type === "toc";
      if (name !== "a" || !inContents) return;
      reference = attributes().href ?? "";
      title = "";
    },
    close(name) {
      if (name !== "a" || reference === undefined) return;
      add(reference, title);
      reference = undefined;
    },
    text(text) {
      title += text;
    },
  };
}
