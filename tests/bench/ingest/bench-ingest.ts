import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootStack } from "#lib/stack/boot-stack.ts";
import type { Stack } from "#lib/stack/schema.ts";
import { spread, summarise } from "../summarise.ts";
import { makeCorpora } from "./make-corpus.ts";
import { runDirect } from "./run-direct.ts";
import { runProduct } from "./run-product.ts";
import type { Outcome } from "./schema.ts";

const rounds = 3;
const latenciesMs = [0, 60, 300];
const batchChunks = 256;
const tickMs = 10;

type Run<T extends Outcome = Outcome> = T & { databaseMs: number };
type ProductRun = Run<Awaited<ReturnType<typeof runProduct>>>;

/** Prints what ingestion takes in the product and without durability, on one stack, in turn. */
export async function benchIngest(): Promise<void> {
  const head = ["latency ms", "product s", "direct s", "ratio", "first / total", "requests", "least", "ms a row"];
  console.log(row(["corpus", ...head]));
  for (const latencyMs of latenciesMs) await measureLatency(latencyMs);
}

async function measureLatency(latencyMs: number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "knowledgebase-bench-"));
  const { stack, stop } = await bootStack({ dataDir, env: { EMBEDDINGS_LATENCY_MS: String(latencyMs) } });
  try {
    const runs = new Map<string, { product: ProductRun[]; direct: Run[] }>();
    for (let round = 0; round <= rounds; round += 1) {
      // Each has texts of its own, for a vector that was paid for is not asked for again. The first round warms up.
      for (const { name, files } of makeCorpora(latencyMs * 100 + round * 2 + 1)) {
        const taken = runs.get(name) ?? { product: [], direct: [] };
        runs.set(name, taken);
        const others = makeCorpora(latencyMs * 100 + round * 2 + 2).find((corpus) => corpus.name === name)?.files ?? [];
        const product = await watchDatabase(stack, () => runProduct(stack, files));
        const direct = await watchDatabase(stack, () => runDirect(stack, others));
        if (round === 0) continue;
        taken.product.push(product);
        taken.direct.push(direct);
      }
    }
    for (const [name, { product, direct }] of runs) console.log(row(describe(name, latencyMs, product, direct)));
  } finally {
    await stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function watchDatabase<T extends Outcome>(stack: Stack, run: () => Promise<T>): Promise<Run<T>> {
  const before = readProcessorMs(stack.pids.supabase);
  const outcome = await run();
  return { ...outcome, databaseMs: readProcessorMs(stack.pids.supabase) - before };
}

/** What a process has used of the processors so far. */
function readProcessorMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function describe(name: string, latencyMs: number, product: ProductRun[], direct: Run[]): string[] {
  const ratios = product.map(({ totalMs }, index) => totalMs / (direct[index]?.totalMs ?? Number.NaN));
  const documents = product.flatMap((run) => run.documents);
  const chunks = documents.reduce((sum, document) => sum + document.chunks, 0);
  const requests = documents.reduce((sum, document) => sum + document.requests, 0);
  const least = documents.reduce((sum, document) => sum + Math.ceil(document.chunks / batchChunks), 0);
  return [
    name,
    String(latencyMs),
    seconds(product),
    seconds(direct),
    summarise(ratios).median.toFixed(2),
    summarise(product.map(({ firstMs, totalMs }) => firstMs / totalMs)).median.toFixed(2),
    String(requests),
    String(least),
    (product.reduce((sum, { databaseMs }) => sum + databaseMs, 0) / chunks).toFixed(2),
  ];
}

function seconds(runs: Run[]): string {
  return spread(
    runs.map(({ totalMs }) => totalMs / 1000),
    1,
  );
}

function row([first = "", ...cells]: string[]): string {
  return first.padEnd(8) + cells.map((cell) => cell.padStart(17)).join("");
}
