import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makePdf } from "#tests/unit/make-pdf.ts";

const fixtures = join(import.meta.dirname, "../fixtures");

/** A fixture as a browser would send it, by its path under tests/fixtures. */
export function fixtureFile(path: string, name = path.split("/").at(-1) ?? path): File {
  return new File([readFileSync(join(fixtures, path))], name);
}

/** A PDF with pages on which there is nothing. */
export function makeBlankPdf(): File {
  return new File([new Uint8Array(makePdf([[], []]))], "blank.pdf");
}

/** A Markdown file of its own with `sections` headings, a paragraph of about a hundred words under each. */
export function makeMarkdown(name: string, sections: number): File {
  const words = "harbour tide lantern granite meadow copper willow signal orchard thunder velvet compass".split(" ");
  const section = (index: number) => {
    const text = Array.from({ length: 100 }, (_, word) => words[(index * 7 + word * 5 + (word % 3)) % words.length]);
    return `## ${name} section ${index}\n\nParagraph ${index} of ${name}: ${text.join(" ")}.`;
  };
  return new File(
    [`# ${name}\n\n${Array.from({ length: sections }, (_, index) => section(index)).join("\n\n")}\n`],
    name,
  );
}
