import { z } from "zod";

const faultSchema = z.strictObject({
  /** How many requests it applies to; without it, all. */
  times: z.number().int().min(1).optional(),
  /** Only requests with an input that contains this. */
  match: z.string().optional(),
  /** Only each n-th of those requests. */
  every: z.number().int().min(1).optional(),
  /** Only those beyond so many within a window; with `tells`, the answer has OpenAI's headers about it. */
  limit: z
    .strictObject({ requests: z.number().int().min(1), windowMs: z.number().min(1), tells: z.boolean() })
    .optional(),
  status: z.number().int().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  delayMs: z.number().min(0).optional(),
  /** Ends the connection without an answer. */
  hangUp: z.boolean().optional(),
  /** How long the body takes to come, in pieces. */
  dripMs: z.number().min(0).optional(),
  spoil: z.enum(["drop-one", "swap-order", "not-finite", "zero", "wrong-dimension"]).optional(),
});

const controlSchema = z.strictObject({ faults: z.array(faultSchema) });

export type Fault = z.infer<typeof faultSchema>;

interface Waiting extends Fault {
  seen: number;
  /** When the requests within the limit came. */
  passed: number[];
}

/** What tests make the server do wrong, in the order in which it was asked for. */
export function createFaults() {
  let waiting: Waiting[] = [];
  return {
    replace: (body: string) => {
      const { faults } = controlSchema.parse(JSON.parse(body));
      waiting = faults.map((fault) => ({ ...fault, seen: 0, passed: [] }));
    },
    /** The fault that applies to a request, used up once. */
    take: (inputs: string[]): Fault | undefined => {
      const fault = waiting.find((candidate) => applies(candidate, inputs, Date.now()));
      if (fault?.times !== undefined) {
        fault.times -= 1;
        if (fault.times === 0) waiting = waiting.filter((other) => other !== fault);
      }
      return fault?.limit?.tells ? { ...fault, headers: { ...tellLimit(fault), ...fault.headers } } : fault;
    },
  };
}

function applies(fault: Waiting, inputs: string[], nowMs: number): boolean {
  const { match, every, limit } = fault;
  if (match !== undefined && !inputs.some((input) => input.includes(match))) return false;
  fault.seen += 1;
  if (every !== undefined && fault.seen % every !== 0) return false;
  if (!limit) return true;
  fault.passed = fault.passed.filter((at) => at > nowMs - limit.windowMs);
  if (fault.passed.length >= limit.requests) return true;
  fault.passed.push(nowMs);
  return false;
}

function tellLimit({ limit, passed }: Waiting): Record<string, string> {
  if (!limit) return {};
  const [first = Date.now()] = passed;
  return {
    "retry-after-ms": String(Math.max(first + limit.windowMs - Date.now(), 1)),
    "x-ratelimit-limit-requests": String(Math.floor((limit.requests * 60_000) / limit.windowMs)),
    "x-ratelimit-remaining-requests": "0",
  };
}

interface Entry {
  object: "embedding";
  index: number;
  embedding: number[] | string;
}

/** Spoils a right answer. */
export function spoil(data: Entry[], how: Fault["spoil"]): Entry[] {
  const [first, second, ...rest] = data;
  if (!how || !first) return data;
  if (how === "drop-one") return data.slice(1);
  if (how === "swap-order") return second ? [second, first, ...rest] : data;
  const length = Array.isArray(first.embedding)
    ? first.embedding.length
    : Buffer.from(first.embedding, "base64").length / 4;
  const numbers = {
    "not-finite": () => Array.from({ length }, () => Number.NaN),
    zero: () => Array.from({ length }, () => 0),
    "wrong-dimension": () => [1, 2, 3],
  }[how]();
  const embedding = Array.isArray(first.embedding) ? numbers : toBase64(Float32Array.from(numbers));
  return [{ ...first, embedding }, ...data.slice(1)];
}

export function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}
