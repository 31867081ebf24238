import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import { loadParser } from "#lib/ingestion/load-parser.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import { openPages } from "#lib/ingestion/parsers/open-pages.ts";
import { isPaged, type MediaType } from "#lib/ingestion/schema.ts";
import { spread, summarise } from "../summarise.ts";
import { makeSamples, type Sample } from "./make-samples.ts";
import { readByLibrary } from "./read-by-library.ts";

const rounds = 7;
const limits = { maxPages: 5_000, maxCharacters: 50_000_000 };

/** Prints, by type, what the library alone takes, what our parser makes of that in the same process, and what isolation and windows add. */
export async function benchParse(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "knowledgebase-bench-"));
  console.log(row(["file", "KB", "library ms", "parser ms", "isolated ms", "parser / library", "isolated / parser"]));
  try {
    for (const sample of makeSamples()) console.log(row(await measureSample(sample, folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureSample({ fileName, bytes }: Sample, folder: string): Promise<string[]> {
  const mediaType = detectMediaType({ fileName, head: bytes.subarray(0, 64 * 1024), size: bytes.length });
  const path = join(folder, fileName);
  writeFileSync(path, bytes);
  const library = readByLibrary[mediaType];
  // In turn, so that what else the machine does falls on all alike.
  const taken: number[][] = [[], [], []];
  for (let round = 0; round <= rounds; round += 1) {
    const runs = [
      () => library?.(bytes),
      () => parseHere(bytes, fileName, mediaType),
      () => parseDocument({ path, fileName, mediaType }),
    ];
    for (const [index, run] of runs.entries()) {
      const start = performance.now();
      await run();
      if (round > 0) taken[index]?.push(performance.now() - start);
    }
  }
  const [alone = 0, here = 0, isolated = 0] = taken.map((times) => summarise(times).median);
  const size = String(Math.round(bytes.length / 1024));
  const ratio = (a: number, b: number) => (b > 0 ? (a / b).toFixed(2) : "-");
  const spreads = taken.map((times, index) => (index === 0 && !library ? "-" : spread(times)));
  return [fileName, size, ...spreads, library ? ratio(here, alone) : "-", ratio(isolated, here)];
}

async function parseHere(bytes: Buffer, fileName: string, mediaType: MediaType): Promise<void> {
  if (!isPaged(mediaType)) {
    await (await loadParser(mediaType))({ bytes, fileName }, limits);
    return;
  }
  const reader = await openPages(bytes, mediaType);
  await reader.read(1, reader.head.pages);
  await reader.close();
}

function row([first = "", ...cells]: string[]): string {
  return first.padEnd(16) + cells.map((cell) => cell.padStart(18)).join("");
}
