import { cleanText } from "#lib/ingestion/clean-text.ts";
import type { ParsedWindow } from "#lib/ingestion/schema.ts";

/** What must hold for any parsed document, whatever its format: each promise that this one breaks, in words. */
export function findFaults({ text, blocks, pages }: ParsedWindow): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  expect(text.trim() !== "", "there is no text");
  expect(text.isWellFormed(), "half of a surrogate pair is in the text");
  expect(text === text.normalize("NFC"), "the text is not NFC");
  expect(!/[^\P{Cc}\n\t]/u.test(text), "a control character is in the text");
  let end = 0;
  for (const [index, block] of blocks.entries()) {
    expect(block.start >= end && block.end >= block.start, `block ${index} begins before the former one ends`);
    expect(text.slice(end, block.start).trim() === "", `text before block ${index} is in no block`);
    expect(block.end <= text.length, `block ${index} ends after the text`);
    const words = text.slice(block.start, block.end);
    const kept = { keepBlanks: block.kind === "code", keepIndent: block.kind === "list" || block.kind === "quote" };
    expect(words === cleanText(words, kept), `block ${index} is not clean`);
    expect(block.kind === "heading" || block.level === undefined, `block ${index} has a level and is no heading`);
    end = block.end;
  }
  expect(text.slice(end).trim() === "", "text at the end is in no block");
  if (pages.length === 0) return faults;
  expect(pages[0]?.start === 0 && pages.at(-1)?.end === text.length, "the pages do not cover the text");
  for (const [index, page] of pages.entries()) {
    expect(page.start === (pages[index - 1]?.end ?? 0), `page ${page.number} does not begin where the former one ends`);
    expect(page.number > (pages[index - 1]?.number ?? 0), `page ${page.number} does not come after the former one`);
  }
  return faults;
}
