import type { DocumentBuilder } from "#lib/ingestion/build-document.ts";
import { nameDeclaration } from "#lib/ingestion/parsers/name-declaration.ts";
import type { Range } from "#lib/ingestion/parsers/split-lines.ts";
import { splitSource } from "#lib/ingestion/parsers/split-source.ts";
import type { SourceLanguage } from "#lib/ingestion/source-languages.ts";

/** Declarations up to this many characters stand together; a larger one has its own heading, and is cut into as much at most. */
const smallPiece = 800;
const tinyBlock = 300;
const deepest = 5;
const mostNames = 12;

const head = { name: "", line: "", isContainer: false };

interface Place {
  /** Of what is cut: of a file 0. */
  depth: number;
  /** Whether what is declared here is named in headings: in a file and in a class it is, in a function it is not. */
  isNamed: boolean;
}

/** Adds code as blocks that are exact slices of it, each of whole declarations where they fit, under headings that name these. */
export function addSource(
  builder: Pick<DocumentBuilder, "add">,
  text: string,
  language: SourceLanguage | undefined,
): void {
  addLevel({ start: 0, end: text.length }, { depth: 0, isNamed: true });

  function addLevel(range: Range, place: Place): void {
    let isUnderHeading = false;
    let blocks: Range[] = [];
    let names: string[] = [];
    let fallback = "";

    function addHeading(title: string): void {
      if (!place.isNamed || title === "") return;
      isUnderHeading = true;
      builder.add({ kind: "heading", level: place.depth + 1, title, text: "" });
    }

    function endPiece(): void {
      if (blocks.length === 0) return;
      // What has no name must not be cited by the name of what stands above it.
      const more = names.length > mostNames ? " …" : "";
      addHeading(names.slice(0, mostNames).join(", ") + more || (isUnderHeading ? fallback : ""));
      for (const block of blocks) addCode(block);
      blocks = [];
      names = [];
    }

    const settings = { inside: place.depth > 0, language };
    for (const unit of splitSource(text, range, settings)) {
      // The first in a declaration is its own first line.
      const isHead = settings.inside && unit.start === range.start;
      const { name, line, isContainer } = isHead ? head : nameDeclaration(text, unit, settings);
      if (unit.end - (blocks[0] ?? unit).start > smallPiece) endPiece();
      if (unit.end - unit.start > smallPiece) {
        addHeading(name || line);
        const isWhole = isHead && unit.end === range.end;
        if (place.depth < deepest && !isWhole)
          addLevel(unit, { depth: place.depth + 1, isNamed: place.isNamed && isContainer });
        else addCode(unit);
        continue;
      }
      const last = blocks.at(-1);
      if (!last) fallback = line;
      // Tiny ones share a block; the others have one each, so that where passages are cut they stay whole.
      if (last && unit.end - last.start <= tinyBlock) last.end = unit.end;
      else blocks.push({ ...unit });
      if (name && !names.includes(name)) names.push(name);
    }
    endPiece();
  }

  function addCode({ start, end }: Range): void {
    const isTight = !/\n[ \t]*\n$/.test(text.slice(Math.max(start - 100, 0), start));
    builder.add({ kind: "code", text: text.slice(start, end), isTight });
  }
}
