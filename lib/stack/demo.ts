import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { DocumentView } from "#lib/documents/schema.ts";
import type { SearchResult } from "#lib/search/schema.ts";
import { bootStack } from "./boot-stack.ts";
import { type Api, signIn } from "./call-api.ts";
import { createProgressDisplay } from "./draw-progress.ts";
import type { Stack } from "./schema.ts";

const samplesDir = resolve(import.meta.dirname, "..", "..", "tests", "fixtures", "samples");
const notSamples = new Set(["README.md", "questions.json"]);
const ingestDeadlineMs = 120_000;
const pollMs = 150;
const topResults = 5;

const questionsSchema = z.array(
  z.object({
    question: z.string(),
    fileName: z.string(),
    page: z.number().int().nullable(),
    heading: z.string().nullable(),
    phrase: z.string(),
  }),
);

type Question = z.infer<typeof questionsSchema>[number];

const dataDir = await mkdtemp(join(tmpdir(), "knowledgebase-demo-"));
const startedAt = Date.now();
console.log("Booting the whole stack on free ports, in an empty folder.");
const booted = await bootStack({ dataDir, onLine: console.log }).catch(fail);
try {
  if (booted) await Promise.race([showStack(booted.stack), booted.exited.then(reportEnd)]);
} catch (thrown) {
  fail(thrown);
} finally {
  await booted?.stop();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
if (!process.exitCode) console.log(`\nAll of it is so, in ${Math.round((Date.now() - startedAt) / 1000)} seconds.`);

async function showStack(stack: Stack): Promise<void> {
  if (!stack.demoAccount) throw new Error("The stack has no demo account.");
  const api = await signIn(stack, stack.demoAccount.email, stack.demoAccount.password);
  console.log(`\nSigned in as ${stack.demoAccount.email}. Uploading the samples.\n`);
  await ingestSamples(api);
  const questions = questionsSchema.parse(JSON.parse(await readFile(join(samplesDir, "questions.json"), "utf8")));
  const wrong = [];
  for (const question of questions) {
    const results = await api.search(question.question, topResults);
    printAnswer(question, results);
    if (!results.some((result) => isCited(question, result))) wrong.push(question.question);
  }
  if (wrong.length > 0) throw new Error(`Not found with the right citation: ${wrong.join(" | ")}`);
}

async function ingestSamples(api: Api): Promise<void> {
  const names = (await readdir(samplesDir)).filter((name) => !notSamples.has(name)).toSorted();
  const ids = await Promise.all(
    names.map(async (name) => (await api.upload(new File([await readFile(join(samplesDir, name))], name))).id),
  );
  const display = createProgressDisplay(process.stdout);
  const deadline = Date.now() + ingestDeadlineMs;
  for (;;) {
    const documents = await Promise.all(ids.map((id) => api.read(id)));
    display(documents);
    const failed = documents.find(({ status }) => status === "error" || status === "cancelled");
    if (failed)
      throw new Error(`${failed.fileName} became ${failed.status}: ${failed.error?.message ?? "no reason given"}`);
    if (documents.every(isSearchable)) return;
    if (Date.now() > deadline) throw new Error(`Not every sample was ready after ${ingestDeadlineMs / 1000} seconds.`);
    await delay(pollMs);
  }
}

function isSearchable({ status, chunkCount }: DocumentView): boolean {
  return status === "ready" && chunkCount > 0;
}

function isCited({ fileName, page, heading, phrase }: Question, result: SearchResult): boolean {
  const onPage =
    page === null ||
    (result.pageFrom !== null && result.pageFrom <= page && page <= (result.pageTo ?? result.pageFrom));
  const underHeading = heading === null || result.headingPath.includes(heading);
  return result.fileName === fileName && onPage && underHeading && squeeze(result.content).includes(squeeze(phrase));
}

function printAnswer(question: Question, results: SearchResult[]): void {
  console.log(`\n? ${question.question}`);
  const cited = results.findIndex((result) => isCited(question, result));
  for (const [index, result] of results.slice(0, Math.max(cited + 1, 1)).entries()) {
    const pages =
      result.pageFrom === result.pageTo ? `page ${result.pageFrom}` : `pages ${result.pageFrom}-${result.pageTo}`;
    const place = [result.fileName, result.pageFrom === null ? null : pages, result.headingPath.join(" > ") || null];
    console.log(
      `  ${index + 1}. ${place.filter((part) => part !== null).join(", ")}${index === cited ? "  (as expected)" : ""}`,
    );
    console.log(`     "${excerpt(result.content, question.phrase)}"`);
  }
  if (cited < 0)
    console.log(`  Expected "${question.phrase}" from ${question.fileName} among the first ${topResults}.`);
}

function excerpt(content: string, phrase: string): string {
  const text = squeeze(content);
  const at = Math.max(text.indexOf(squeeze(phrase)) - 60, 0);
  return `${at > 0 ? "…" : ""}${text.slice(at, at + 220)}${text.length > at + 220 ? "…" : ""}`;
}

function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function reportEnd(code: number | null): never {
  throw new Error(`The stack ended with code ${code} while it was in use.`);
}

function fail(thrown: unknown): undefined {
  console.error(`\nThe demo failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = 1;
}
