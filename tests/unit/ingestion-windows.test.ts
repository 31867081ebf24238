import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseDocument, parseInWindows } from "#lib/ingestion/parse-document.ts";
import { createMemoryStore } from "#lib/ingestion/work-store.ts";
import { watchParsers } from "#tests/corpus/watch-parsers.ts";
import { findFaults } from "#tests/find-faults.ts";
import { makePdf } from "./make-pdf.ts";

const folder = mkdtempSync(join(tmpdir(), "knowledgebase-windows-"));
afterAll(() => rmSync(folder, { recursive: true }));

function writePages(count: number) {
  const page = (number: number) =>
    Array.from({ length: 40 }, (_, line) => ({
      text: `Line ${line} of page ${number} tells of harbour ${number * 40 + line}.`,
      y: 760 - line * 17,
    }));
  const path = join(folder, `${count}.pdf`);
  writeFileSync(path, makePdf(Array.from({ length: count }, (_, index) => page(index + 1))));
  return { path, fileName: `${count}.pdf`, mediaType: "application/pdf" as const };
}

test("a PDF of 2,000 pages takes no more memory than one of 200, but for a half", { timeout: 120_000 }, async () => {
  const peakOf = async (count: number) => {
    const endWatch = watchParsers();
    const parsed = await parseDocument(writePages(count));
    const peak = endWatch();
    expect(findFaults(parsed)).toEqual([]);
    expect([parsed.pages.length, parsed.coverage.textPages]).toEqual([count, count]);
    return peak;
  };
  const small = await peakOf(200);
  expect(small).toBeGreaterThan(0);
  expect(await peakOf(2_000)).toBeLessThan(small * 1.5);
});

test("pages that are stored are not read again", { timeout: 60_000 }, async () => {
  const input = writePages(400);
  const whole = await parseDocument(input);
  const memory = createMemoryStore();
  const written: string[] = [];
  const untilIndex = (last: number) => ({
    ...memory,
    async write(name: string, value: unknown) {
      if (written.length > last) throw new Error("The process has died.");
      written.push(name);
      await memory.write(name, value);
    },
  });
  const parse = (last: number) => parseInWindows(input, { store: untilIndex(last), onText: async () => {} });
  await expect(parse(2)).rejects.toThrow("died");
  expect(written).toHaveLength(3);
  const facts = await parse(Number.POSITIVE_INFINITY);
  expect(written.filter((name) => name.startsWith("pages-"))).toEqual([
    "pages-1-100",
    "pages-101-200",
    "pages-201-300",
    "pages-301-400",
  ]);
  expect(facts?.coverage).toEqual(whole.coverage);
});

test("the text of pages comes while further ones are read, from the fiftieth on", { timeout: 60_000 }, async () => {
  const input = writePages(200);
  const read = async () => {
    const seen: { pages: (number | undefined)[]; pagesDone: number }[] = [];
    let pagesDone = 0;
    await parseInWindows(input, {
      store: createMemoryStore(),
      onProgress: (progress) => {
        pagesDone = progress.pagesDone;
      },
      onText: async ({ pages }) => void seen.push({ pages: [pages[0]?.number, pages.at(-1)?.number], pagesDone }),
    });
    return seen;
  };
  // The first to ask for the language waits for the model.
  await read();
  const seen = await read();
  expect(seen.map(({ pages }) => pages)).toEqual(
    Array.from({ length: 8 }, (_, index) => [index * 25 + 1, index * 25 + 25]),
  );
  // One window more may have come meanwhile.
  for (const [index, { pagesDone }] of seen.entries())
    expect(pagesDone).toBeLessThan(Math.max(50, index * 25 + 25) + 26);
});
