import { setTimeout as wait } from "node:timers/promises";
import type { Api } from "#lib/stack/call-api.ts";
import type { Stack } from "#lib/stack/schema.ts";
import { bootOwnStack, removeDataDir } from "#tests/stack/boot-own-stack.ts";
import { createOwner } from "#tests/stack/owner.ts";
import { createWriter, makeBook, makeCorpus, makeSmall } from "../ingest/make-corpus.ts";
import { runProduct } from "../ingest/run-product.ts";
import { watchMemory } from "../read-process.ts";
import { percentile, spread, summarise } from "../summarise.ts";

const latencyMs = 60;
const rounds = 5;
/** Between two looks of somebody who uses the product meanwhile. */
const paceMs = 20;
const idleCalls = 300;
const uploadsAtOnce = 20;

/** Prints what ingestion takes from everything beside it: memory, the time of a small call, the time of an upload. */
export async function benchLoad(): Promise<void> {
  const { json: stack, dataDir, stop } = await bootOwnStack({ env: { EMBEDDINGS_LATENCY_MS: String(latencyMs) } });
  try {
    await runProduct(stack, makeCorpus("mix", 1));
    await measureMemory(stack);
    await measureCalls(stack);
    await measureUploads(stack);
  } finally {
    await stop();
    await removeDataDir(dataDir);
  }
}

async function measureMemory(stack: Stack): Promise<void> {
  const peaks: number[] = [];
  for (const pages of [100, 1_000]) {
    const memory = watchMemory(stack.pids.app);
    await runProduct(stack, [makeBook(createWriter(pages), `${pages}.pdf`, pages)]);
    peaks.push(memory.stop() / 1024 ** 2);
  }
  const [small = 0, large = 0] = peaks;
  console.log(
    `peak memory, app and parsers: 100 pages ${small.toFixed(0)} MB, 1,000 pages ${large.toFixed(0)} MB, ratio ${(large / small).toFixed(2)}`,
  );
}

async function measureCalls(stack: Stack): Promise<void> {
  const owner = await createOwner(stack);
  const { id } = await owner.upload(makeSmall(createWriter(2), 1)[0] as File);
  await owner.follow(id, ({ status }) => status === "ready");
  const idle = await timeCalls(owner, id, (count) => count < idleCalls);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let isWorking = true;
    const work = runProduct(stack, makeCorpus("mix", 10 + round)).finally(() => {
      isWorking = false;
    });
    const busy = await timeCalls(owner, id, () => isWorking);
    await work;
    ratios.push(percentile(busy, 0.95) / percentile(idle, 0.95));
  }
  console.log(
    `GET /api/documents/{id}: idle median ${summarise(idle).median.toFixed(1)} ms, p95 ${percentile(idle, 0.95).toFixed(1)} ms; p95 during ingestion ${spread(ratios, 1)} times that`,
  );
}

async function timeCalls(owner: Api, id: string, isWanted: (count: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (isWanted(times.length)) {
    const start = performance.now();
    await owner.read(id);
    times.push(performance.now() - start);
    await wait(paceMs);
  }
  return times;
}

async function measureUploads(stack: Stack): Promise<void> {
  const own: number[] = [];
  const object: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const owner = await createOwner(stack);
    const files = makeSmall(createWriter(100 + round), uploadsAtOnce);
    const uploaded = await Promise.all(files.map((file) => timeUpload(owner, file)));
    for (const { id, timing } of uploaded) {
      own.push((timing.get("total") ?? Number.NaN) - (timing.get("object") ?? Number.NaN));
      object.push(timing.get("object") ?? Number.NaN);
      await owner.follow(id, ({ status }) => status === "ready");
    }
  }
  console.log(
    `POST /api/documents, ${uploadsAtOnce} at once: ${spread(own)} ms besides the object's ${spread(object)} ms`,
  );
}

async function timeUpload(owner: Api, file: File) {
  const body = new FormData();
  body.set("file", file);
  const response = await owner.call("/api/documents", { method: "POST", body });
  if (response.status !== 202) throw new Error(`The upload was answered with ${response.status}.`);
  const { document } = (await response.json()) as { document: { id: string } };
  const parts = (response.headers.get("server-timing") ?? "").matchAll(/(\w+);dur=([\d.]+)/g);
  return { id: document.id, timing: new Map([...parts].map(([, name = "", took]) => [name, Number(took)])) };
}
