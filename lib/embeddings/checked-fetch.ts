import { z } from "zod";
import { type Limits, readLimits } from "#lib/embeddings/read-limits.ts";
import { type OptionalField, type Refused, readRefusal } from "#lib/embeddings/read-refusal.ts";
import { Failure } from "#lib/errors.ts";

/** What one request came to. */
export interface Exchange {
  usage: { tokens: number; requests: number };
  /** The first failure. The libraries above wrap what is thrown, and drop it where its text speaks of a timeout. */
  failure: Failure | undefined;
  refused: Refused | undefined;
  /** Whether it was given up because no answer came in time. */
  isLate: boolean;
  /** What the provider said of its limits when it refused for their sake. */
  limits: Limits | undefined;
}

const requestSchema = z.looseObject({ input: z.array(z.unknown()) });

const answerSchema = z.object({
  data: z.array(
    z.looseObject({ index: z.number().int().min(0).nullish(), embedding: z.union([z.string(), z.array(z.number())]) }),
  ),
  usage: z.object({ total_tokens: z.number().int().min(0).nullish() }).nullish(),
});

type Entry = z.infer<typeof answerSchema>["data"][number];

/**
 * A fetch that leaves some fields out of the request, tells a refusal by its code, checks that the answer has one vector an input,
 * puts them in the order of the inputs (the library goes by position and ignores `index`), and adds up what was used (which the library drops).
 */
export function createCheckedFetch(exchange: Exchange, without: OptionalField[]): typeof fetch {
  return async (input, init) => {
    try {
      exchange.usage.requests += 1;
      return await exchangeOnce(exchange, without, input, init);
    } catch (thrown) {
      const failure = thrown instanceof Failure ? thrown : new Failure("embedding_unavailable", { cause: thrown });
      exchange.failure ??= failure;
      exchange.isLate = init?.signal?.aborted ?? false;
      throw failure;
    }
  };
}

async function exchangeOnce(
  exchange: Exchange,
  without: OptionalField[],
  ...[input, init]: Parameters<typeof fetch>
): Promise<Response> {
  const request = requestSchema.parse(JSON.parse(String(init?.body)));
  for (const name of without) delete request[name];
  const response = await fetch(input, without.length > 0 ? { ...init, body: JSON.stringify(request) } : init);
  const body = parseJson(await response.text());
  const refusal = readRefusal(response, body, request);
  if (refusal) {
    exchange.limits = readLimits(response.headers);
    exchange.refused = refusal.refused;
    throw refusal.failure;
  }
  const answer = answerSchema.safeParse(body);
  if (!answer.success) throw new Failure("embedding_response_invalid", { cause: answer.error });
  exchange.usage.tokens += answer.data.usage?.total_tokens ?? 0;
  return Response.json({ ...answer.data, data: putInOrder(answer.data.data, request.input.length) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, for instance: the status alone tells what it is.
    return null;
  }
}

/** Gemini leaves out an index that is 0: where there is none, the position is it. */
function putInOrder(data: Entry[], inputs: number): Entry[] {
  const numbered = data.map((entry, position) => ({ ...entry, index: entry.index ?? position }));
  const ordered = numbered.toSorted((a, b) => a.index - b.index);
  if (ordered.length !== inputs || ordered.some((entry, position) => entry.index !== position)) {
    throw new Failure("embedding_response_invalid", {
      detail: `The provider answered with ${data.length} vectors for ${inputs} passages, or numbered them wrong.`,
    });
  }
  return ordered;
}
