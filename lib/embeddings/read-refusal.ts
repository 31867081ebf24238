import { z } from "zod";
import { readReset, readRetryAfter } from "#lib/embeddings/read-limits.ts";
import { Failure, type FailureCode } from "#lib/errors.ts";

/** What a request can go without, and the words of servers that refuse it. */
const optional = [
  { name: "dimensions", words: /dimension|matryoshka/i },
  { name: "encoding_format", words: /encoding_format|base64/i },
] as const;

export type OptionalField = (typeof optional)[number]["name"];

/** What of the request was refused, where less of it may be taken. `index` is that of the input that is to blame, where it is told. */
export type Refused = { what: "inputs"; index: number | null } | { what: "fields"; names: OptionalField[] };

interface Refusal {
  failure: Failure;
  refused?: Refused | undefined;
}

interface ProviderError {
  message: string;
  code?: unknown;
  type?: unknown;
  param?: unknown;
}

const fields = z
  .object({ message: z.unknown(), detail: z.unknown(), code: z.unknown(), type: z.unknown(), param: z.unknown() })
  .partial();

/** Mistral nests what is wrong in `message`, and FastAPI, of which many servers are made, has it in `detail`. */
function readFields({ message, detail, ...marks }: z.infer<typeof fields>): ProviderError {
  const said = message ?? detail ?? "";
  return { ...marks, message: typeof said === "string" ? said : JSON.stringify(said) };
}

/** Servers that only resemble OpenAI give a bare sentence (LM Studio), or the details without a frame (older vLLM). */
const errorSchema = z.union([
  z.object({ error: z.string() }).transform(({ error }): ProviderError => ({ message: error })),
  z.object({ error: fields }).transform(({ error }) => readFields(error)),
  fields.extend({ object: z.literal("error") }).transform(readFields),
]);

/** Where the status says that it is one, an error needs no mark of it (Text Embeddings Inference, SiliconFlow); Gemini's is in a list. */
const refusalSchema = z.union([
  errorSchema,
  z.tuple([errorSchema]).transform(([error]) => error),
  fields.transform(readFields),
]);

const unpaid = ["insufficient_quota", "billing_not_active", "billing_hard_limit_reached", "budget_exceeded"];
/** Older LiteLLM marks it otherwise, and drops the mark of a gateway behind it. */
const unpaidWords = /budget has been exceeded/i;
/** Of a server that answers embeddings at another address, or with another model. */
const elsewhere = /invalid model name|unexpected endpoint|not support embeddings/i;
/** What is said with a 500: a text is too long (llama.cpp), has no vector (Ollama), or a field is not welcome (LiteLLM). */
const badRequest = /too large to process|context size|unsupported value: NaN|UnsupportedParamsError/i;
/** Refusals that are no word about the request: timeouts, conflicts, what is too early, and a failure behind a server (424). */
const passing = [408, 409, 424, 425, 499];
/** Some servers repeat the texts in what they say; these do not belong into logs. */
const longestMessage = 300;

/** Why a request was refused, by the answer to it; null when it was not. */
export function readRefusal(response: Response, body: unknown, request: object): Refusal | null {
  const { status, headers, ok } = response;
  const error = (ok ? errorSchema : refusalSchema).safeParse(body).data;
  if (ok && !error) return null;
  const { message, code, type, param }: ProviderError = error ?? { message: "" };
  const cause = new Error(`The provider answered ${status}: ${message.slice(0, longestMessage) || "no message"}`);
  const marks = [code, type].map(String);
  if (status === 402 || unpaidWords.test(message) || marks.some((mark) => unpaid.includes(mark))) {
    return { failure: new Failure("embedding_quota_exceeded", { cause }) };
  }
  // Some gateways put the refusal into an answer of status 200.
  if (status === 429 || marks.includes("429") || marks.includes("rate_limit_exceeded")) {
    const failure = waiting("embedding_rate_limited", cause, readRetryAfter(headers) ?? readReset(headers));
    // More tokens than are allowed in a whole minute: that request is never taken, however long it waits.
    return /request too large/i.test(message) ? { failure, refused: { what: "inputs", index: null } } : { failure };
  }
  if (status === 401 || status === 403) return { failure: new Failure("embedding_unauthorized", { cause }) };
  if (status === 404 || marks.includes("model_not_found") || elsewhere.test(message)) {
    const detail = "The embeddings provider knows no such model, or has no embeddings at this address.";
    return { failure: new Failure("embedding_input_rejected", { cause, detail }) };
  }
  const failure = new Failure("embedding_input_rejected", { cause });
  if ([400, 413, 422].includes(status) || (status === 500 && badRequest.test(message))) {
    return { failure, refused: findRefused(message, param, request) };
  }
  if (status >= 400 && status < 500 && !passing.includes(status)) return { failure };
  return { failure: waiting("embedding_unavailable", cause, readRetryAfter(headers)) };
}

/** Whether less would have been taken: no word about a field, or fewer inputs. */
function findRefused(message: string, param: unknown, request: object): Refused | undefined {
  const unwelcome = optional.filter(({ name, words }) => name in request && words.test(message));
  if (unwelcome.length > 0) return { what: "fields", names: unwelcome.map(({ name }) => name) };
  // LiteLLM writes "None" where there is none.
  if (typeof param === "string" && param !== "None" && !param.startsWith("input")) return undefined;
  const index = /\binput\[(\d+)\]/.exec(`${param} ${message}`)?.[1];
  return { what: "inputs", index: index === undefined ? null : Number(index) };
}

function waiting(code: FailureCode, cause: Error, retryAfterMs: number | null): Failure {
  return new Failure(code, { cause, ...(retryAfterMs === null ? {} : { retryAfterMs }) });
}
