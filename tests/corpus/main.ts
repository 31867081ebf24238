import { readdir } from "node:fs/promises";
import { extname, join, relative, resolve } from "node:path";
import { mediaTypes } from "#lib/ingestion/schema.ts";
import { judgeOutcome } from "./judge-outcome.ts";
import { printTable, type Result } from "./print-table.ts";
import { type Outcome, readDocument } from "./read-document.ts";
import { type Expectation, readExpectations } from "./read-expectations.ts";

const [argument, without] = process.argv.slice(2);
const ocrLanguages = without === "--no-ocr" ? "" : "eng";
if (argument) await run(resolve(process.env.INIT_CWD ?? ".", argument));
else {
  console.error("Usage: npm run corpus -- <folder> [--no-ocr]");
  process.exitCode = 2;
}

/** Reads every file of a folder. Ends with 1 when an expectation is not met, or something came out that is never right. */
async function run(folder: string): Promise<void> {
  const expectations = await readExpectations(folder);
  const paths = await listFiles(folder);
  const missing = [...(expectations?.keys() ?? [])].filter((path) => !paths.includes(path));
  const results: Result[] = [];
  for (const path of paths) {
    const expected = expectations?.get(path);
    const outcome = await readDocument(join(folder, path), ocrLanguages);
    const faults = judgeOutcome(outcome, expected, ocrLanguages !== "");
    results.push({ type: nameType(path, outcome, expected), outcome, faults, judged: expected !== undefined });
    for (const fault of faults) console.log(`wrong  ${path}: ${fault}`);
    if (!expectations && faults.length === 0) console.log(describe(path, outcome));
  }
  for (const path of missing) console.log(`wrong  ${path}: the file is missing`);
  printTable(results);
  const wrong = missing.length + results.filter(({ faults }) => faults.length > 0).length;
  if (expectations) console.log(`${expectations.size - wrong} of ${expectations.size} expected files are right.`);
  process.exitCode = wrong > 0 ? 1 : 0;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((path) => path !== "expectations.json")
    .sort();
}

/** The row of the table that a file belongs to: as expected, else as detected, else as named. */
function nameType(path: string, { mediaType }: Outcome, expected: Expectation | undefined): string {
  const ending = mediaType ? mediaTypes[mediaType].endings[0] : extname(path).toLowerCase();
  return expected?.type ?? (ending.slice(1) || "(no ending)");
}

function describe(path: string, { mediaType, parsed, failure, ms }: Outcome): string {
  if (failure) return `${failure.code}  ${path}: ${failure.detail}`;
  const pages = parsed?.pages.length ? `${parsed.pages.length} pages, ` : "";
  const warnings = parsed?.warnings.map(({ code }) => `, ${code}`).join("") ?? "";
  return `read  ${path}: ${mediaType}, ${pages}${parsed?.text.length} characters, ${Math.round(ms)} ms${warnings}`;
}
