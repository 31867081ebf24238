import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEmbedder } from "#lib/embeddings/create-embedder.ts";
import { type Asked, startProvider } from "./start-provider.ts";

let provider: Awaited<ReturnType<typeof startProvider>>;
let usualData: (asked: Asked) => object[];
beforeAll(async () => {
  provider = await startProvider();
  usualData = provider.data;
});
afterAll(() => provider.stop());
beforeEach(() => {
  provider.answer = () => undefined;
  provider.data = usualData;
});

const embedderOf = () => createEmbedder({ apiKey: "k", baseUrl: provider.url, model: "some-model", dimensions: 2 });

describe("an answer that leaves something out is right where nothing else can be meant", () => {
  const without =
    (index: number) =>
    ({ index: at }: { index: number }) =>
      at === index ? {} : { index: at };
  test.each<[string, (entry: { index: number }) => object]>([
    ["Gemini has no index that is 0, samfoy/pi-session-search#13", without(0)],
    ["no index at all, doobidoo/mcp-memory-service#612", () => ({})],
    ["an index that is null", () => ({ index: null })],
  ])("%s", async (_name, number) => {
    provider.data = (asked) =>
      usualData(asked).map((entry, index) => {
        const { index: _given, ...rest } = entry as { index: number };
        return { ...rest, ...number({ index }) };
      });
    const { vectors } = await embedderOf().embedDocuments(["a", "bb", "ccc"]);
    expect(vectors.map(([first = 0, second = 1]) => Math.round(first / second))).toEqual([1, 2, 3]);
  });

  test.each([
    ["every index is 0, as LiteLLM had it of Gemini before April 2026", [0, 0, 0]],
    ["one is missing, and its position is taken", [undefined, 0, 2]],
    ["numbers that begin with 1", [1, 2, 3]],
  ])("but not where %s", async (_name, indices) => {
    provider.data = (asked) => usualData(asked).map((entry, at) => ({ ...entry, index: indices[at] }));
    const run = embedderOf().embedDocuments(["a", "bb", "ccc"]);
    await expect(run).rejects.toMatchObject({ code: "embedding_response_invalid" });
  });

  test.each([
    ["null, as OPEA has it", null],
    ["without a total", { prompt_tokens: 3 }],
    ["with a total of null", { total_tokens: null }],
  ])("and so is a usage that is %s", async (_name, usage) => {
    provider.answer = (asked) => ({ body: { data: usualData(asked), usage } });
    expect((await embedderOf().embedDocuments(["text"])).usage).toEqual({ tokens: 0, requests: 1 });
  });
});
