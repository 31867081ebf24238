import type { Stack } from "#lib/stack/schema.ts";
import { bootOwnStack, makeDataDir, removeDataDir } from "#tests/stack/boot-own-stack.ts";
import { readProcessorMs } from "../read-process.ts";
import { spread, summarise } from "../summarise.ts";
import { corpusNames, makeCorpus } from "./make-corpus.ts";
import { runDirect } from "./run-direct.ts";
import { runProduct } from "./run-product.ts";
import { prepareRivals, type RivalKind, type RivalOutcome, runRival } from "./run-rival.ts";
import type { Outcome } from "./schema.ts";

/**
 * Servers run for long: what they do for the first time says little. The processor time of a hundred small files, all processes
 * together, fell from 10.4 s in the first round to 6.6, 5.8 and, from the seventh on, 5.1; the direct pipeline's from 6.8 to 4.0.
 */
const warmUps = 8;
const rounds = 9;
const rivalRounds = 3;
const latenciesMs = [0, 60, 300];
const batchChunks = 128;
const rivals: RivalKind[] = ["langchain", "langchain-by-file", "llamaindex"];
const noRivals = () => ({ langchain: [], "langchain-by-file": [], llamaindex: [] });
/** A rival that takes longer runs once: the rest would not change what there is to see. */
const patienceMs = 30_000;

type ProductRun = Awaited<ReturnType<typeof runProduct>> & { databaseMs: number };

interface Taken {
  product: ProductRun[];
  direct: Outcome[];
  rivals: Record<RivalKind, RivalOutcome[]>;
}

/**
 * Prints what ingestion takes in the product, without durability, and by the scripts of two libraries, on one stack, in turn. Corpora and
 * latencies may be named: `small,mix 60`.
 */
export async function benchIngest([names, latencies]: string[]): Promise<void> {
  const head = ["latency ms", "product s", "direct s", "ratio", "langchain s", "by file s", "llamaindex s"];
  printRow(["corpus", ...head, "first / total", "requests", "least", "ms a row"]);
  const wanted = names?.split(",") ?? corpusNames;
  for (const latencyMs of latencies?.split(",").map(Number) ?? latenciesMs) await measureLatency(latencyMs, wanted);
}

async function measureLatency(latencyMs: number, names: string[]): Promise<void> {
  const dataDir = await makeDataDir();
  await prepareRivals(dataDir);
  const env = { EMBEDDINGS_LATENCY_MS: String(latencyMs) };
  const { json: stack, stop } = await bootOwnStack({ dir: dataDir, env });
  const taken = new Map<string, Taken>();
  try {
    for (let round = 0; round < warmUps + rounds; round += 1) {
      const isWarmUp = round < warmUps;
      for (const name of names) {
        const known = taken.get(name) ?? { product: [], direct: [], rivals: noRivals() };
        if (!isWarmUp) taken.set(name, known);
        await runRound(stack, { name, round: latencyMs * 100 + round, isWarmUp }, known);
      }
    }
    for (const name of names) printRow(describe(name, latencyMs, taken.get(name)));
  } finally {
    await stop();
    await removeDataDir(dataDir);
  }
}

/**
 * Each pipeline gets texts of its own, for a vector that was paid for is not asked for again. The product and the direct pipeline take
 * turns to begin: whoever comes after the rivals finds servers that have rested, which is a tenth slower.
 */
async function runRound(
  stack: Stack,
  { name, round, isWarmUp }: { name: string; round: number; isWarmUp: boolean },
  taken: Taken,
) {
  const filesFor = (pipeline: number) => makeCorpus(name, round * 5 + pipeline);
  const begun = round % 2 === 1 ? await runDirect(stack, filesFor(1)) : null;
  const before = readProcessorMs(stack.pids.supabase);
  // Of a hundred small files nobody asks when the first passage was there.
  const product = await runProduct(stack, filesFor(0), { looksForFirst: name !== "small" });
  const databaseMs = readProcessorMs(stack.pids.supabase) - before;
  const direct = begun ?? (await runDirect(stack, filesFor(1)));
  if (isWarmUp) return;
  taken.product.push({ ...product, databaseMs });
  taken.direct.push(direct);
  for (const [index, kind] of rivals.entries()) {
    const known = taken.rivals[kind];
    const isEnough = known.length === rivalRounds || known.some((run) => !run.finished || run.totalMs > patienceMs);
    if (isEnough) continue;
    known.push(await runRival(kind, stack, filesFor(2 + index)));
  }
}

function describe(name: string, latencyMs: number, taken: Taken | undefined): string[] {
  if (!taken) return [name, String(latencyMs)];
  const { product, direct } = taken;
  const ratios = product.map(({ totalMs }, index) => totalMs / (direct[index]?.totalMs ?? Number.NaN));
  const first = summarise(product.map(({ firstMs, totalMs }) => firstMs / totalMs)).median;
  const documents = product.flatMap((run) => run.documents);
  const sum = (of: (document: Outcome["documents"][number]) => number) =>
    documents.reduce((all, one) => all + of(one), 0);
  return [
    name,
    String(latencyMs),
    seconds(product),
    seconds(direct),
    spread(ratios, 2),
    ...rivals.map((kind) => describeRival(taken.rivals[kind])),
    Number.isNaN(first) ? "" : first.toFixed(2),
    String(sum(({ requests }) => requests)),
    String(sum(({ chunks }) => Math.ceil(chunks / batchChunks))),
    (product.reduce((all, { databaseMs }) => all + databaseMs, 0) / sum(({ chunks }) => chunks)).toFixed(2),
  ];
}

function describeRival(outcomes: RivalOutcome[]): string {
  const failed = outcomes.find(({ finished }) => !finished);
  return failed ? `none in ${(failed.totalMs / 1000).toFixed(0)}` : seconds(outcomes);
}

function seconds(runs: { totalMs: number }[]): string {
  return spread(
    runs.map(({ totalMs }) => totalMs / 1000),
    1,
  );
}

function printRow([first = "", ...cells]: string[]): void {
  console.log(first.padEnd(6) + cells.map((cell) => cell.padStart(17)).join(""));
}
