import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEmbedder, type Embedded } from "#lib/embeddings/create-embedder.ts";
import { probeEmbedder } from "#lib/embeddings/probe-embedder.ts";
import { Failure } from "#lib/errors.ts";
import { type Answer, startProvider } from "./start-provider.ts";

// Bodies as the servers send them; beside each where it was read.
let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());
beforeEach(() => {
  provider.asked = [];
  provider.length = 2;
  provider.answer = () => undefined;
});

const embedderOf = (dimensions = 2) =>
  createEmbedder({ apiKey: "k", baseUrl: provider.url, model: "some-model", dimensions });
const texts = Array.from({ length: 128 }, (_, index) => `text ${index}`);
const framed = (status: number, error: object): Answer => ({ status, body: { error } });
const tei = (status: number, message: string, type: string): Answer => ({
  status,
  body: { message, code: status, type },
});

async function failureOf(run: Promise<Embedded>): Promise<Failure> {
  const thrown = await run.then(
    ({ stopped }) => stopped?.failure,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Failure)) throw new Error(`Not a failure: ${String(thrown)}`);
  return thrown;
}

const matryoshka = framed(400, {
  message:
    'Model "BAAI/bge-small-en-v1.5" does not support matryoshka representation, changing output dimensions will lead to poor results.',
  type: "BadRequestError",
  param: null,
  code: 400,
});
const forbidden = { type: "extra_forbidden", loc: ["body", "dimensions"], msg: "Extra inputs are not permitted" };

describe("a field that a server does not take is left out from then on", () => {
  const ollama =
    "litellm.UnsupportedParamsError: Setting {'encoding_format': 'base64'} is not supported by ollama. To drop it from the call, set `litellm.drop_params = True`.";
  const lmStudio =
    "litellm.UnsupportedParamsError: lm_studio does not support parameters: {'encoding_format': 'base64', 'dimensions': 2}, for model=m. To drop these, set `litellm.drop_params=True`";
  const litellm = { type: null, param: "None", code: "400" };
  const oldVllm = { object: "error", message: "base64 encoding is not currently supported", type: "BadRequestError" };
  test.each<[string, ("dimensions" | "encoding_format")[], Answer]>([
    ["vLLM, vllm/entrypoints/pooling", ["dimensions"], matryoshka],
    ["FastAPI, its handler of RequestValidationError", ["dimensions"], { status: 422, body: { detail: [forbidden] } }],
    [
      "Mistral, nomtek/mistralai_client_dart#44",
      ["dimensions"],
      {
        status: 422,
        body: {
          object: "error",
          message: { detail: [forbidden] },
          type: "invalid_request_error",
          param: null,
          code: null,
        },
      },
    ],
    ["LiteLLM before Ollama, litellm/utils.py", ["encoding_format"], framed(400, { ...litellm, message: ollama })],
    ["the same as a 500, BerriAI/litellm#42426", ["encoding_format"], framed(500, { ...litellm, message: ollama })],
    [
      "LiteLLM before LM Studio, litellm/utils.py",
      ["encoding_format", "dimensions"],
      framed(400, { ...litellm, message: lmStudio }),
    ],
    ["vLLM of 2024, vllm-project/vllm#5734", ["encoding_format"], { status: 400, body: { ...oldVllm, code: 400 } }],
  ])("%s", async (_name, fields, refusal) => {
    provider.answer = (asked) => (fields.some((field) => field in asked) ? refusal : undefined);
    const embedder = embedderOf();
    expect((await embedder.embedDocuments(["one", "three"])).vectors).toHaveLength(2);
    await embedder.embedQuery("two");
    expect(provider.asked.map((asked) => fields.every((field) => field in asked))).toEqual([true, false, false]);
  });

  test("also when several requests find it out at the same time", async () => {
    provider.answer = (asked) => ("dimensions" in asked ? matryoshka : undefined);
    const embedder = embedderOf();
    const all = await Promise.all(["one", "two", "three"].map((text) => embedder.embedDocuments([text])));
    expect(all.map(({ vectors, stopped }) => [vectors.length, stopped])).toEqual([
      [1, null],
      [1, null],
      [1, null],
    ]);
  });

  test("but not when the request is refused without it, too: a text that is repeated may speak of dimensions", async () => {
    const odd = "the dimensions of the quay";
    provider.answer = ({ input }) =>
      input.includes(odd)
        ? { status: 422, body: { detail: [{ type: "too_long", loc: ["body", "input", 0], input }] } }
        : undefined;
    const embedder = embedderOf();
    const { vectors, stopped } = await embedder.embedDocuments(["one", odd]);
    expect([vectors.length, stopped?.refused]).toEqual([1, 1]);
    provider.asked = [];
    await embedder.embedQuery("two");
    expect(provider.asked).toMatchObject([{ dimensions: 2 }]);
  });
});

describe("a model with vectors of another length is told with what to set", () => {
  const tooMany = "`dimensions` should be smaller than the maximum embedding dimension.";
  test.each<[string, Answer]>([
    ["vLLM", matryoshka],
    ["Text Embeddings Inference, core/src/infer.rs", tei(422, `Input validation error: ${tooMany}`, "validation")],
  ])("%s", async (_name, refusal) => {
    provider.length = 384;
    provider.answer = (asked) => ((asked.dimensions ?? 0) > 384 ? refusal : undefined);
    const failure = await probeEmbedder(embedderOf(512));
    expect(failure?.code).toBe("embedding_dimension_mismatch");
    expect(failure?.detail).toContain("Set EMBEDDING_DIMENSIONS=384");
  });
});

describe("a text that a server refuses is found, and those before it are kept", () => {
  const large =
    "input (596 tokens) is too large to process. increase the physical batch size (current batch size: 512)";
  const long = "input (600 tokens) is larger than the max context size (512 tokens). skipping";
  const vllm =
    "This model's maximum context length is 512 tokens. However, you requested 600 tokens in the input for embedding generation. Please reduce the length of the input.";
  test.each<[string, Answer]>([
    ["llama.cpp, tools/server", framed(500, { code: 500, message: large, type: "server_error" })],
    ["llama.cpp, tools/server", framed(400, { code: 400, message: long, type: "exceed_context_size_error" })],
    [
      "Ollama, ollama/ollama#14657",
      framed(500, { message: "failed to encode response: json: unsupported value: NaN", type: "api_error" }),
    ],
    ["vLLM, vllm/renderers", framed(400, { message: vllm, type: "BadRequestError", param: "input_tokens", code: 400 })],
    ["the same behind LiteLLM", framed(400, { message: `litellm.BadRequestError: ${vllm}`, param: "None" })],
    ["Text Embeddings Inference", tei(413, "Input validation error: `inputs` must have less than 512 tokens", "")],
  ])("%s", async (_name, refusal) => {
    provider.answer = ({ input }) => (input.includes("text 100") ? refusal : undefined);
    const embedder = embedderOf();
    const { vectors, stopped } = await embedder.embedDocuments(texts);
    expect(stopped).toMatchObject({ refused: 100, failure: { code: "embedding_input_rejected" } });
    expect(vectors).toHaveLength(100);
    provider.asked = [];
    provider.answer = () => undefined;
    await embedder.embedDocuments(texts);
    expect(provider.asked, "it was not their number").toHaveLength(1);
  });
});

describe("where the server or its model is the wrong one, no text is blamed, and it is not tried again", () => {
  const noEmbeddings = "This server does not support embeddings. Start it with `--embeddings`";
  const litellm =
    "{'error': '/embeddings: Invalid model name passed in model=x. Call `/v1/models` to view available models for your key.'}";
  const lmStudio = "No models loaded. Please load a model in the developer page or use the `lms load` command.";
  test.each<[string, Answer]>([
    ["Ollama, server/routes.go", framed(501, { message: noEmbeddings, type: "api_error", param: null, code: null })],
    ["llama.cpp, tools/server", framed(501, { code: 501, message: noEmbeddings, type: "not_supported_error" })],
    [
      "LM Studio, lmstudio-ai/lmstudio-bug-tracker#618",
      { body: { error: "Unexpected endpoint or method. (POST /embeddings)" } },
    ],
    ["LM Studio", framed(400, { message: lmStudio, param: null, code: "model_not_found" })],
    ["LiteLLM, litellm/proxy/route_llm_request.py", framed(400, { message: litellm, type: "None", param: "None" })],
    ["LiteLLM without a field for it", framed(400, { message: litellm, param: null })],
    ["vLLM", framed(404, { message: "The model `x` does not exist.", type: "NotFoundError", param: "model" })],
    ["Ollama without /v1", { status: 404, body: "404 page not found" }],
  ])("%s", async (_name, refusal) => {
    provider.answer = () => refusal;
    const failure = await failureOf(embedderOf().embedDocuments(texts));
    expect([failure.code, failure.retry]).toEqual(["embedding_input_rejected", false]);
    expect(failure.detail).toContain("no such model, or has no embeddings at this address");
    expect(provider.asked).toHaveLength(1);
  });
});

describe("a refusal is told by its code", () => {
  const budget = "Budget has been exceeded! Current cost: 26.07, Max budget: 0.25";
  const nested = `litellm.BadRequestError: OpenAIException - ${budget}. Received Model Group=m`;
  test.each<[string, Answer, string]>([
    ["LiteLLM, BerriAI/litellm#37000", framed(429, { message: budget, type: "budget_exceeded" }), "quota_exceeded"],
    ["LiteLLM before", framed(400, { message: budget, type: "budget_exceeded", code: "400" }), "quota_exceeded"],
    [
      "LiteLLM, BerriAI/litellm#4208",
      framed(400, { message: budget, type: "auth_error", code: 400 }),
      "quota_exceeded",
    ],
    ["LiteLLM behind another", framed(400, { message: nested, type: null, code: "400" }), "quota_exceeded"],
    ["Text Embeddings Inference", tei(429, "Model is overloaded", "overloaded"), "rate_limited"],
    ["the same", tei(424, "Backend error: Could not start backend", "backend"), "unavailable"],
    ["the same, of a wrong key", { status: 401, body: "" }, "unauthorized"],
    ["vLLM, of a wrong key", { status: 401, body: { error: "Unauthorized" } }, "unauthorized"],
    ["llama.cpp, while it starts", framed(503, { message: "Loading model", type: "unavailable_error" }), "unavailable"],
    ["a conflict", { status: 409, body: "" }, "unavailable"],
    ["too early", { status: 425, body: "" }, "unavailable"],
    ["a client that is gone", { status: 499, body: {} }, "unavailable"],
    ["Gemini", { status: 400, body: [{ error: { code: 400, message: "Bad.", status: "INVALID" } }] }, "input_rejected"],
  ])("%s: %o is %s", async (_name, refusal, code) => {
    provider.answer = () => refusal;
    expect((await failureOf(embedderOf().embedDocuments(["text"]))).code).toBe(`embedding_${code}`);
    expect(provider.asked).toHaveLength(1);
  });

  test("and what a server says of it is cut: it may repeat the texts", async () => {
    provider.answer = () => ({ status: 422, body: { detail: [{ msg: "Bad.", input: ["secret ".repeat(1000)] }] } });
    const failure = await failureOf(embedderOf().embedDocuments(["text"]));
    expect(String(failure.cause)).toMatch(/^Error: The provider answered 422: \[\{"msg":"Bad\./);
    expect(String(failure.cause).length).toBeLessThan(400);
  });
});

describe("how many texts a server takes at once", () => {
  const dashScope =
    "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents";
  test.each<[string, number, (count: number) => Answer, number, number]>([
    [
      "DashScope, memodb-io/memobase#142",
      10,
      () => framed(400, { message: dashScope, type: "InvalidParameter", param: null, code: "InvalidParameter" }),
      4,
      16,
    ],
    [
      "Text Embeddings Inference, core/src/infer.rs",
      32,
      (count) => tei(422, `batch size ${count} > maximum allowed batch size 32`, "validation"),
      2,
      4,
    ],
    [
      "SiliconFlow, apecloud/ApeRAG#716",
      64,
      (count) => ({
        status: 413,
        body: { code: 20042, message: `input batch size ${count} > maximum allowed batch size 64`, data: null },
      }),
      1,
      2,
    ],
    [
      "a server that takes so many bytes (axum)",
      64,
      () => ({ status: 413, body: "Failed to buffer the request body: length limit exceeded" }),
      1,
      2,
    ],
  ])("is found out once: %s", async (_name, most, refuse, refused, taken) => {
    provider.answer = ({ input }) => (input.length > most ? refuse(input.length) : undefined);
    const embedder = embedderOf();
    expect((await embedder.embedDocuments(texts)).vectors).toHaveLength(texts.length);
    expect(provider.asked).toHaveLength(refused + taken);
    provider.asked = [];
    expect((await embedder.embedDocuments(texts)).vectors).toHaveLength(texts.length);
    expect(provider.asked).toHaveLength(taken);
  });
});
