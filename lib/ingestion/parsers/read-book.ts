import { Failure } from "#lib/errors.ts";
import type { Zip } from "#lib/ingestion/parsers/open-zip.ts";
import { readContents } from "#lib/ingestion/parsers/read-contents.ts";
import { readTitle } from "#lib/ingestion/parsers/read-title.ts";
import { resolvePart } from "#lib/ingestion/parsers/resolve-part.ts";
import { walkXml } from "#lib/ingestion/parsers/walk-xml.ts";

export interface Book {
  title: string | undefined;
  /** In reading order. `title` is what the table of contents calls the part. */
  chapters: { part: string; title: string | undefined; isLocked: boolean }[];
}

interface Item {
  part: string;
  mediaType: string;
  isContents: boolean;
}

/** Fonts are scrambled so; that is no lock. */
const scramblesFonts = /^http:\/\/(www\.idpf\.org\/2008\/embedding|ns\.adobe\.com\/pdf\/enc#RC)$/;

/** What an EPUB says about itself. Throws `file_corrupt` when it does not say what it consists of. */
export function readBook(zip: Zip): Book {
  const main = findPackage(zip);
  const bytes = main === undefined ? null : zip.read(main);
  if (main === undefined || !bytes) throw new Failure("file_corrupt");
  const items = new Map<string, Item>();
  const order: string[] = [];
  let contents: string | undefined;
  walkXml(bytes, {
    open(name, attributes) {
      if (name === "item") {
        const { id = "", href = "", "media-type": mediaType = "", properties = "" } = attributes();
        const isContents = properties.split(/\s+/).includes("nav");
        items.set(id, { part: resolvePart(main, href), mediaType, isContents });
      } else if (name === "itemref") order.push(attributes().idref ?? "");
      else if (name === "spine") contents = attributes().toc;
    },
  });
  const nav = [...items.values()].find(({ isContents }) => isContents)?.part ?? items.get(contents ?? "")?.part;
  const titles = nav === undefined ? new Map<string, string>() : readContents(zip, nav);
  const locked = findLocked(zip);
  const chapters = [...new Set(order)]
    .flatMap((id) => items.get(id) ?? [])
    // The table of contents says nothing that the chapters do not.
    .filter(({ mediaType, isContents }) => /html/i.test(mediaType) && !isContents)
    .map(({ part }) => ({ part, title: titles.get(part), isLocked: locked.has(part) }));
  return { title: readTitle(bytes), chapters };
}

function findPackage(zip: Zip): string | undefined {
  const container = zip.read("META-INF/container.xml");
  let named: string | undefined;
  if (container) {
    walkXml(container, {
      open(name, attributes) {
        if (name === "rootfile") named ??= attributes()["full-path"];
      },
    });
  }
  return named !== undefined && zip.has(named) ? named : zip.names.find((name) => /\.opf$/i.test(name));
}

function findLocked(zip: Zip): Set<string> {
  const bytes = zip.read("META-INF/encryption.xml");
  const locked = new Set<string>();
  let method = "";
  if (!bytes) return locked;
  walkXml(bytes, {
    open(name, attributes) {
      if (name === "EncryptedData") method = "";
      else if (name === "EncryptionMethod") method = attributes().Algorithm ?? "";
      else if (name === "CipherReference" && !scramblesFonts.test(method)) {
        locked.add(resolvePart("", attributes().URI ?? ""));
      }
    },
  });
  return locked;
}
