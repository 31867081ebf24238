import { z } from "zod";
import { Failure } from "#lib/errors.ts";

/** What the provider counted. */
export interface AnswerUsage {
  tokens: number;
  requests: number;
}

const answerSchema = z.object({
  data: z.array(z.looseObject({ index: z.number().int().min(0) })),
  usage: z.object({ total_tokens: z.number().int().min(0) }).optional(),
});

const errorSchema = z.object({
  error: z.object({ message: z.string().optional(), code: z.unknown().optional(), type: z.unknown().optional() }),
});

/**
 * A fetch that tells a refusal by its code, checks that the answer has one vector an input, puts them in the order of the inputs
 * (the library goes by position and ignores `index`), and adds up what was used (which the library drops).
 */
export function createCheckedFetch(usage: AnswerUsage): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init).catch((cause: unknown) => {
      throw new Failure("embedding_unavailable", { cause });
    });
    usage.requests += 1;
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) throw refusal(response, body);
    const failed = errorSchema.safeParse(body);
    if (failed.success) throw new Failure("embedding_unavailable", { cause: describe(200, failed.data.error.message) });
    const answer = answerSchema.safeParse(body);
    if (!answer.success) throw new Failure("embedding_response_invalid", { cause: answer.error });
    usage.tokens += answer.data.usage?.total_tokens ?? 0;
    const ordered = putInOrder(answer.data.data, countInputs(init?.body));
    return Response.json({ ...answer.data, data: ordered }, { headers: { "content-type": "application/json" } });
  };
}

function refusal(response: Response, body: unknown): Failure {
  const parsed = errorSchema.safeParse(body);
  const error = parsed.success ? parsed.data.error : {};
  const cause = describe(response.status, error.message);
  const { status } = response;
  if (error.code === "insufficient_quota" || error.type === "insufficient_quota") {
    return new Failure("embedding_quota_exceeded", { cause });
  }
  if (status === 429) {
    const retryAfterMs = readWait(response.headers);
    return new Failure("embedding_rate_limited", { cause, ...(retryAfterMs === null ? {} : { retryAfterMs }) });
  }
  if (status === 401 || status === 403) return new Failure("embedding_unauthorized", { cause });
  if (status >= 400 && status < 500 && status !== 408) return new Failure("embedding_input_rejected", { cause });
  return new Failure("embedding_unavailable", { cause });
}

function describe(status: number, message: string | undefined): Error {
  return new Error(`The provider answered ${status}: ${message ?? "no message"}`);
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
