import { z } from "zod";
import { type Limits, readLimits, readReset, readRetryAfter } from "#lib/embeddings/read-limits.ts";
import { Failure, type FailureCode } from "#lib/errors.ts";

/** What one request came to. */
export interface Exchange {
  usage: { tokens: number; requests: number };
  /** The first failure. The libraries above wrap what is thrown, and drop it where its text speaks of a timeout. */
  failure: Failure | undefined;
  /** What of the request was refused, where less of it may be taken. `index` is that of the input that is to blame, where it is told. */
  refused: { what: "inputs"; index: number | null } | { what: "dimensions" } | undefined;
  /** What the provider said of its limits when it refused for their sake. */
  limits: Limits | undefined;
}

const answerSchema = z.object({
  data: z.array(
    z.looseObject({ index: z.number().int().min(0), embedding: z.union([z.string(), z.array(z.number())]) }),
  ),
  usage: z.object({ total_tokens: z.number().int().min(0) }).optional(),
});

const detailsSchema = z.object({
  message: z.string().optional(),
  code: z.unknown().optional(),
  type: z.unknown().optional(),
  param: z.unknown().optional(),
});

type ProviderError = z.infer<typeof detailsSchema>;

/** Servers that only resemble OpenAI give a bare sentence (Ollama, TEI), or the details without a frame (vLLM). */
const errorSchema = z.union([
  z.object({ error: z.string() }).transform(({ error }): ProviderError => ({ message: error })),
  z.object({ error: detailsSchema }).transform(({ error }) => error),
  detailsSchema.extend({ object: z.literal("error") }),
]);

const unpaid = ["insufficient_quota", "billing_not_active", "billing_hard_limit_reached"];

/**
 * A fetch that tells a refusal by its code, checks that the answer has one vector an input, puts them in the order of the inputs
 * (the library goes by position and ignores `index`), and adds up what was used (which the library drops).
 */
export function createCheckedFetch(exchange: Exchange): typeof fetch {
  return async (input, init) => {
    try {
      exchange.usage.requests += 1;
      return await exchangeOnce(exchange, input, init);
    } catch (thrown) {
      const failure = thrown instanceof Failure ? thrown : new Failure("embedding_unavailable", { cause: thrown });
      exchange.failure ??= failure;
      throw failure;
    }
  };
}

async function exchangeOnce(
  exchange: Exchange,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
): Promise<Response> {
  const response = await fetch(input, init);
  const body = parseJson(await response.text());
  const error = errorSchema.safeParse(body).data;
  if (!response.ok || error) {
    exchange.limits = readLimits(response.headers);
    exchange.refused = findRefused(response.status, error ?? {}, String(init?.body));
    throw refusal(response, error);
  }
  const answer = answerSchema.safeParse(body);
  if (!answer.success) throw new Failure("embedding_response_invalid", { cause: answer.error });
  exchange.usage.tokens += answer.data.usage?.total_tokens ?? 0;
  return Response.json({ ...answer.data, data: putInOrder(answer.data.data, countInputs(init?.body)) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, for instance: the status alone tells what it is.
    return null;
  }
}

/** Whether less would have been taken: fewer inputs, or no word about dimensions. */
function findRefused(status: number, { message = "", param }: ProviderError, request: string): Exchange["refused"] {
  // More tokens than are allowed in a whole minute: that request is never taken, however long it waits.
  if (status === 429) return /request too large/i.test(message) ? { what: "inputs", index: null } : undefined;
  if (![400, 413, 422].includes(status)) return undefined;
  if (/dimension|matryoshka/i.test(message) && request.includes('"dimensions":')) return { what: "dimensions" };
  if (typeof param === "string" && !param.startsWith("input")) return undefined;
  const index = /\binput\[(\d+)\]/.exec(`${param} ${message}`)?.[1];
  return { what: "inputs", index: index === undefined ? null : Number(index) };
}

function refusal({ status, headers }: Response, error: ProviderError | undefined): Failure {
  const cause = new Error(`The provider answered ${status}: ${error?.message ?? "no message"}`);
  const marks = [error?.code, error?.type].map(String);
  if (status === 402 || marks.some((mark) => unpaid.includes(mark))) {
    return new Failure("embedding_quota_exceeded", { cause });
  }
  // Some gateways put the refusal into an answer of status 200.
  if (status === 429 || marks.includes("429") || marks.includes("rate_limit_exceeded")) {
    return waiting("embedding_rate_limited", cause, readRetryAfter(headers) ?? readReset(headers));
  }
  if (status === 401 || status === 403) return new Failure("embedding_unauthorized", { cause });
  if (status === 404) {
    const detail = "The embeddings provider knows no such model, or has no embeddings at this address.";
    return new Failure("embedding_input_rejected", { cause, detail });
  }
  if (status >= 400 && status < 500 && status !== 408) return new Failure("embedding_input_rejected", { cause });
  return waiting("embedding_unavailable", cause, readRetryAfter(headers));
}

function waiting(code: FailureCode, cause: Error, retryAfterMs: number | null): Failure {
  return new Failure(code, { cause, ...(retryAfterMs === null ? {} : { retryAfterMs }) });
}

function countInputs(body: unknown): number {
  const request = z.object({ input: z.union([z.string(), z.array(z.unknown())]) }).parse(JSON.parse(String(body)));
  return typeof request.input === "string" ? 1 : request.input.length;
}

function putInOrder<Entry extends { index: number }>(data: Entry[], inputs: number): Entry[] {
  const ordered = data.toSorted((a, b) => a.index - b.index);
  if (ordered.length !== inputs || ordered.some((entry, position) => entry.index !== position)) {
    throw new Failure("embedding_response_invalid", {
      detail: `The provider answered with ${data.length} vectors for ${inputs} passages, or numbered them wrong.`,
    });
  }
  return ordered;
}
