import { OpenAIEmbeddings } from "@langchain/openai";
import { createCheckedFetch, type Exchange } from "#lib/embeddings/checked-fetch.ts";
import { createLine } from "#lib/embeddings/create-line.ts";
import { indexDimensions } from "#lib/embeddings/encode-vector.ts";
import type { Limits } from "#lib/embeddings/read-limits.ts";
import type { OptionalField } from "#lib/embeddings/read-refusal.ts";
import { Failure } from "#lib/errors.ts";

/** The most inputs that a provider takes in one request. Callers pack their batches under this and under the provider's token cap. */
const requestInputs = 2048;
/** How long it is kept to how many a server took that had refused more: it may have been the texts, or a bad hour. */
const learnedMs = 3_600_000;

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
   * never repeats by itself; a request that is refused for its inputs is sent again in smaller parts, until the one to blame is found.
   * Only while the provider is too slow for all who ask it does it wait, until `signal` aborts, and then throws its reason; without a
   * signal it throws at once.
   */
  embedDocuments: (texts: string[], signal?: AbortSignal) => Promise<Embedded>;
  /** Goes past all documents. */
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

type Sent =
  | { vectors: Float32Array[] }
  | { failure: Failure; refused: { index: number | null } | null; isLate: boolean };

/** A client of OpenAI, or of any server that speaks `POST /v1/embeddings`. */
export function createEmbedder({ apiKey, baseUrl, model, dimensions, timeoutMs = 120_000 }: Options): Embedder {
  const line = createLine();
  const unwelcome = new Set<OptionalField>();
  let limits: Limits = { requestsPerMinute: null, tokensPerMinute: null };
  let most = { texts: requestInputs, until: 0 };

  async function send(texts: string[], usage: Exchange["usage"], without = [...unwelcome]): Promise<Sent> {
    const exchange: Exchange = { usage, failure: undefined, refused: undefined, isLate: false, limits: undefined };
    const client = new OpenAIEmbeddings({
      apiKey,
      model,
      dimensions,
      batchSize: requestInputs,
      stripNewLines: false,
      // Waiting and repeating are the workflow engine's: here they would hold a worker and pay twice.
      maxRetries: 0,
      timeout: timeoutMs,
      configuration: { baseURL: baseUrl, fetch: createCheckedFetch(exchange, without) },
    });
    const answered = await client.embedDocuments(texts).catch((thrown: unknown) => {
      exchange.failure ??= unreadable(exchange, thrown);
    });
    if (answered) return { vectors: answered.map((vector) => checkVector(vector, { model, dimensions })) };
    const { failure = new Failure("embedding_unavailable"), refused, isLate } = exchange;
    if (refused?.what === "fields") {
      // Such as `dimensions` for a model with vectors of one length only; whether it is ours is seen when they come.
      const sent = await send(texts, usage, [...without, ...refused.names]);
      if ("vectors" in sent) for (const name of refused.names) unwelcome.add(name);
      return sent;
    }
    if (failure.code === "embedding_rate_limited") limits = exchange.limits ?? limits;
    return { failure, refused: refused ? { index: refused.index } : null, isLate };
  }

  async function embedAll(
    texts: string[],
    { vectors, usage }: Omit<Embedded, "stopped">,
  ): Promise<Embedded["stopped"]> {
    let size = Math.min(texts.length, performance.now() < most.until ? most.texts : requestInputs);
    /** Where the texts of the last refused request end: when all of these were taken, there were too many of them. */
    let refusedEnd = Number.POSITIVE_INFINITY;
    while (vectors.length < texts.length) {
      const start = vectors.length;
      const part = texts.slice(start, start + size);
      const sent = await send(part, usage);
      if ("vectors" in sent) {
        vectors.push(...sent.vectors);
        line.noteAnswer();
        if (vectors.length >= refusedEnd) most = { texts: size, until: performance.now() + learnedMs };
        continue;
      }
      const { failure, refused, isLate } = sent;
      if (isLate) {
        line.noteSilence();
        return { failure: explainLate(failure, part.length), refused: null };
      }
      if (!refused) return { failure, refused: null };
      if (refused.index !== null && refused.index < part.length) return { failure, refused: start + refused.index };
      if (part.length === 1) return { failure, refused: start };
      size = Math.ceil(part.length / 2);
      refusedEnd = start + part.length;
    }
    return null;
  }

  function explainLate({ code, cause }: Failure, texts: number): Failure {
    const seconds = timeoutMs / 1000;
    const asked = `The embeddings provider did not answer a request of ${texts} passages within ${seconds} seconds.`;
    const detail = `${asked} If it is only slow, the operator can set EMBEDDING_BATCH_CHUNKS lower, or EMBEDDING_TIMEOUT_SECONDS higher (300 at most).`;
    return new Failure(code, { detail, cause });
  }

  const embedDocuments: Embedder["embedDocuments"] = async (texts, signal) => {
    const done = { vectors: [], usage: { tokens: 0, requests: 0 } };
    const stopped = await line.take(() => embedAll(texts, done), signal);
    if (stopped && stopped.refused === null && done.vectors.length === 0) throw stopped.failure;
    return { ...done, stopped };
  };
  return {
    model,
    dimensions,
    embedDocuments,
    embedQuery: async (text) => {
      const sent = await send([text], { tokens: 0, requests: 0 });
      if (!("vectors" in sent)) throw sent.failure;
      const [vector] = sent.vectors;
      if (!vector) throw new Failure("embedding_response_invalid");
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
