import { z } from "zod";
import { Failure } from "#lib/errors.ts";

/** What the requests of one call came to. */
export interface Exchange {
  usage: { tokens: number; requests: number };
  /** The first failure. The libraries above wrap what is thrown, and drop it where its text speaks of a timeout. */
  failure: Failure | undefined;
}

const answerSchema = z.object({
  data: z.array(
    z.looseObject({ index: z.number().int().min(0), embedding: z.union([z.string(), z.array(z.number())]) }),
  ),
  usage: z.object({ total_tokens: z.number().int().min(0) }).optional(),
});

/** Servers that only resemble OpenAI give a bare sentence. */
const errorSchema = z.object({
  error: z.union([
    z.string().transform((message) => ({ message, code: undefined, type: undefined })),
    z.object({ message: z.string().optional(), code: z.unknown().optional(), type: z.unknown().optional() }),
  ]),
});

type ProviderError = z.infer<typeof errorSchema>["error"];

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
  { usage }: Exchange,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
): Promise<Response> {
  const response = await fetch(input, init);
  const body = parseJson(await response.text());
  const error = errorSchema.safeParse(body).data?.error;
  if (!response.ok || error) throw refusal(response, error);
  const answer = answerSchema.safeParse(body);
  if (!answer.success) throw new Failure("embedding_response_invalid", { cause: answer.error });
  usage.tokens += answer.data.usage?.total_tokens ?? 0;
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

function refusal({ status, headers }: Response, error: ProviderError | undefined): Failure {
  const cause = new Error(`The provider answered ${status}: ${error?.message ?? "no message"}`);
  const marks = [error?.code, error?.type].map(String);
  if (status === 402 || marks.some((mark) => unpaid.includes(mark))) {
    return new Failure("embedding_quota_exceeded", { cause });
  }
  // Some gateways put the refusal into an answer of status 200.
  if (status === 429 || marks.includes("429") || marks.includes("rate_limit_exceeded")) {
    const retryAfterMs = readWait(headers);
    return new Failure("embedding_rate_limited", { cause, ...(retryAfterMs === null ? {} : { retryAfterMs }) });
  }
  if (status === 401 || status === 403) return new Failure("embedding_unauthorized", { cause });
  if (status === 404) {
    const detail = "The embeddings provider knows no such model, or has no embeddings at this address.";
    return new Failure("embedding_input_rejected", { cause, detail });
  }
  if (status >= 400 && status < 500 && status !== 408) return new Failure("embedding_input_rejected", { cause });
  return new Failure("embedding_unavailable", { cause });
}

/** How long the provider asks us to wait, in milliseconds. */
function readWait(headers: Headers): number | null {
  const milliseconds = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const after = headers.get("retry-after");
  if (after !== null) {
    const seconds = Number(after);
    const wait = Number.isNaN(seconds) ? Date.parse(after) - Date.now() : seconds * 1000;
    if (Number.isFinite(wait)) return Math.max(wait, 0);
  }
  const resets = ["x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"].map((name) =>
    readDuration(headers.get(name)),
  );
  const longest = Math.max(...resets.map((reset) => reset ?? 0));
  return longest > 0 ? longest : null;
}

/** Durations as OpenAI writes them: `6m0s`, `1.5s`, `20ms`. */
function readDuration(text: string | null): number | null {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const parts = [...(text ?? "").matchAll(/([\d.]+)(ms|s|m|h)/g)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
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
