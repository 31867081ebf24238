import { z } from "zod";

const faultSchema = z.strictObject({
  /** How many requests it applies to; without it, all. */
  times: z.number().int().min(1).optional(),
  /** Only requests with an input that contains this. */
  match: z.string().optional(),
  status: z.number().int().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  delayMs: z.number().min(0).optional(),
  spoil: z.enum(["drop-one", "swap-order", "not-finite", "zero", "wrong-dimension"]).optional(),
});

const controlSchema = z.strictObject({ faults: z.array(faultSchema) });

export type Fault = z.infer<typeof faultSchema>;

/** What tests make the server do wrong, in the order in which it was asked for. */
export function createFaults() {
  let waiting: Fault[] = [];
  return {
    replace: (body: string) => {
      waiting = controlSchema.parse(JSON.parse(body)).faults;
    },
    /** The fault that applies to a request, used up once. */
    take: (inputs: string[]): Fault | undefined => {
      const fault = waiting.find(({ match }) => match === undefined || inputs.some((input) => input.includes(match)));
      if (fault?.times !== undefined) {
        fault.times -= 1;
        if (fault.times === 0) waiting = waiting.filter((other) => other !== fault);
      }
      return fault;
    },
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
