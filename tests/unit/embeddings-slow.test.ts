import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEmbedder, type Embedder } from "#lib/embeddings/create-embedder.ts";
import { createLine } from "#lib/embeddings/create-line.ts";
import { asFailure } from "#lib/errors.ts";
import { startProvider } from "./start-provider.ts";

/** Long enough for what has its place to begin. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const patient = () => new AbortController().signal;

describe("the line before the provider", () => {
  const line = createLine();
  let underWay: (() => void)[] = [];
  const take = (signal?: AbortSignal) =>
    line.take(() => new Promise<void>((resolve) => void underWay.push(resolve)), signal);

  test("is none, until a request gets no answer in time", async () => {
    const all = Array.from({ length: 100 }, () => take());
    await settle();
    expect(underWay).toHaveLength(100);
    line.noteAnswer();
    for (const end of underWay.splice(0, 92)) end();
    await Promise.all(all.slice(0, 92));
    expect(underWay).toHaveLength(8);
  });

  test("then it lets half as many go, and with each answer one more", async () => {
    line.noteSilence();
    for (const end of underWay.splice(0)) end();
    await settle();
    const all = Array.from({ length: 8 }, () => take(patient()));
    await settle();
    expect(underWay).toHaveLength(4);
    line.noteAnswer();
    line.noteAnswer();
    await settle();
    expect(underWay).toHaveLength(6);
    underWay.shift()?.();
    await settle();
    expect(underWay, "a place that is left is taken by the next one").toHaveLength(6);
    for (let round = 0; round < 3; round += 1) {
      for (const end of underWay.splice(0)) end();
      await settle();
    }
    await Promise.all(all);
  });

  test("never to none, and who finds no place waits as long as it may", async () => {
    for (let time = 0; time < 5; time += 1) line.noteSilence();
    const first = take();
    await expect(take(), "it may not wait at all").rejects.toMatchObject({ code: "embedding_unavailable" });
    const stop = new AbortController();
    const waiting = take(stop.signal);
    const next = take(patient());
    const reason = new Error("The part is over.");
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(underWay).toHaveLength(1);
    underWay.shift()?.();
    await first;
    await settle();
    expect(underWay).toHaveLength(1);
    underWay.shift()?.();
    await next;
    underWay = [];
  });
});

describe("a server that works on all requests at the same time", () => {
  const timeoutMs = 400;
  /** What it needs for one passage. */
  const passageMs = 2;
  const batch = Array.from({ length: 50 }, (_, index) => `text ${index}`);
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let embedder: Embedder;
  let underWay = 0;

  beforeAll(async () => {
    provider = await startProvider();
    provider.wait = async ({ input }, isGone) => {
      underWay += 1;
      // Eight batches, one after the other, would all be done at the very end.
      for (let left = input.length * passageMs; left > 0 && !isGone(); left -= 10 / underWay) await wait(10);
      underWay -= 1;
    };
  });
  afterAll(() => provider.stop());
  beforeEach(() => {
    provider.asked = [];
    embedder = createEmbedder({ apiKey: "k", baseUrl: provider.url, model: "m", dimensions: 2, timeoutMs });
  });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test("finishes what is asked for again, and a question does not stand in line", async () => {
    const codes: string[] = [];
    async function embed(): Promise<void> {
      for (let tries = 0; tries < 5; tries += 1) {
        const thrown = await embedder.embedDocuments(batch, patient()).then(
          () => null,
          (error: unknown) => asFailure(error),
        );
        if (!thrown) return;
        codes.push(thrown.code);
      }
      throw new Error("It was never embedded.");
    }
    const documents = Promise.all(Array.from({ length: 8 }, embed));
    await wait(timeoutMs + 150);
    expect(codes, "of eight at once none is answered in time").toEqual(Array(8).fill("embedding_unavailable"));
    const began = performance.now();
    await embedder.embedQuery("harbour");
    expect(performance.now() - began).toBeLessThan(500);
    await documents;
    expect(codes.length).toBeLessThan(24);
  });

  test("that takes too long for one batch alone is told with what to set", async () => {
    const long = [...batch, ...batch, ...batch, ...batch, ...batch];
    const failure = await embedder.embedDocuments(long, patient()).then(
      () => null,
      (error: unknown) => asFailure(error),
    );
    expect(failure).toMatchObject({ code: "embedding_unavailable", retry: true });
    expect(failure?.detail).toMatch(
      /250 passages within 0\.4 seconds.*EMBEDDING_BATCH_CHUNKS.*EMBEDDING_TIMEOUT_SECONDS/,
    );
  });
});
