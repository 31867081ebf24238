import { OpenAIEmbeddings } from "@langchain/openai";
import { createCheckedFetch, type Exchange } from "#lib/embeddings/checked-fetch.ts";
import { indexDimensions } from "#lib/embeddings/encode-vector.ts";
import type { Limits } from "#lib/embeddings/read-limits.ts";
import { Failure } from "#lib/errors.ts";

/** The most inputs that a provider takes in one request. Callers pack their batches under this and under the provider's token cap. */
const requestInputs = 2048;

export interface Embedded {
  /** One a text, in the same order; fewer than there are texts when something stopped it. */
  vectors: Float32Array[];
  usage: Exchange["usage"];
  /** Why it ended early, and the index of the text that the provider refuses, where it is one. */
  stopped: { failure: Failure; refused: number | null } | null;
}

export interface Embedder {
  model: string;
  dimensions: number;
  /**
   * Vectors of unit length. Throws `Failure` with an `embedding_…` code where there is nothing to answer with. It never waits and
   * never repeats by itself; a request that is refused for its inputs is sent again in halves, until the one to blame is found.
   */
  embedDocuments: (texts: string[]) => Promise<Embedded>;
  embedQuery: (text: string) => Promise<Float32Array>;
  /** What the provider said of its limits when it last refused for their sake. */
  readLimits: () => Limits;
}

interface Options {
  apiKey: string;
  baseUrl: string;
  model: string;
  dimensions: number;
  /** For one request, its answer read to the end. */
  timeoutMs?: number;
}

type Sent = { vectors: Float32Array[] } | { failure: Failure; refused: { index: number | null } | null };

/** A client of OpenAI, or of any server that speaks `POST /v1/embeddings`. */
export function createEmbedder({ apiKey, baseUrl, model, dimensions, timeoutMs = 120_000 }: Options): Embedder {
  let sendsDimensions = true;
  let limits: Limits = { requestsPerMinute: null, tokensPerMinute: null };

  async function send(texts: string[], usage: Exchange["usage"]): Promise<Sent> {
    const exchange: Exchange = { usage, failure: undefined, refused: undefined, limits: undefined };
    const client = new OpenAIEmbeddings({
      apiKey,
      model,
      ...(sendsDimensions ? { dimensions } : {}),
      batchSize: requestInputs,
      stripNewLines: false,
      // Waiting and repeating are the workflow engine's: here they would hold a worker and pay twice.
      maxRetries: 0,
      timeout: timeoutMs,
      configuration: { baseURL: baseUrl, fetch: createCheckedFetch(exchange) },
    });
    const answered = await client.embedDocuments(texts).catch((thrown: unknown) => {
      exchange.failure ??= unreadable(exchange, thrown);
    });
    if (answered) return { vectors: answered.map((vector) => checkVector(vector, { model, dimensions })) };
    const { failure = new Failure("embedding_unavailable"), refused } = exchange;
    if (refused?.what === "dimensions" && sendsDimensions) {
      // A model with vectors of one length only; whether it is ours is seen when they come.
      sendsDimensions = false;
      return await send(texts, usage);
    }
    if (failure.code === "embedding_rate_limited") limits = exchange.limits ?? limits;
    return { failure, refused: refused?.what === "inputs" ? { index: refused.index } : null };
  }

  async function embedPart(texts: string[], done: Omit<Embedded, "stopped">): Promise<Embedded["stopped"]> {
    const start = done.vectors.length;
    const sent = await send(texts, done.usage);
    if ("vectors" in sent) {
      done.vectors.push(...sent.vectors);
      return null;
    }
    const { failure, refused } = sent;
    if (!refused) return { failure, refused: null };
    if (refused.index !== null && refused.index < texts.length) return { failure, refused: start + refused.index };
    if (texts.length === 1) return { failure, refused: start };
    const half = Math.ceil(texts.length / 2);
    return (await embedPart(texts.slice(0, half), done)) ?? (await embedPart(texts.slice(half), done));
  }

  const embedDocuments: Embedder["embedDocuments"] = async (texts) => {
    const done = { vectors: [], usage: { tokens: 0, requests: 0 } };
    const stopped = await embedPart(texts, done);
    if (stopped && stopped.refused === null && done.vectors.length === 0) throw stopped.failure;
    return { ...done, stopped };
  };
  return {
    model,
    dimensions,
    embedDocuments,
    embedQuery: async (text) => {
      const { vectors, stopped } = await embedDocuments([text]);
      const [vector] = vectors;
      if (!vector) throw stopped?.failure ?? new Failure("embedding_response_invalid");
      return vector;
    },
    readLimits: () => limits,
  };
}

function checkVector(vector: number[], { model, dimensions }: { model: string; dimensions: number }): Float32Array {
  if (vector.length !== dimensions) throw new Failure("embedding_dimension_mismatch", { detail: explain() });
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(norm) || norm === 0) {
    throw new Failure("embedding_response_invalid", { detail: "A vector has no direction or no finite length." });
  }
  // Twelve times faster than `Float32Array.from` with a function.
  const unit = new Float32Array(vector.length);
  for (let index = 0; index < vector.length; index += 1) unit[index] = (vector[index] ?? 0) / norm;
  return unit;

  function explain(): string {
    const answers = `The model ${model} answers with ${vector.length} dimensions, and EMBEDDING_DIMENSIONS is ${dimensions}.`;
    return vector.length > indexDimensions
      ? `${answers} The index holds at most ${indexDimensions}: choose a model that has no more, or one that shortens its vectors when it is asked to.`
      : `${answers} Set EMBEDDING_DIMENSIONS=${vector.length}, and reprocess what was embedded otherwise.`;
  }
}

/** Nothing failed on the wire, so the library could not send the request, or could not read an answer that has the right form. */
function unreadable({ usage }: Exchange, cause: unknown): Failure {
  return new Failure(usage.requests === 0 ? "embedding_unavailable" : "embedding_response_invalid", { cause });
}
