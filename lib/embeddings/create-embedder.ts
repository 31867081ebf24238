import { OpenAIEmbeddings } from "@langchain/openai";
import { createCheckedFetch, type Exchange } from "#lib/embeddings/checked-fetch.ts";
import { Failure } from "#lib/errors.ts";

/** The most inputs that a provider takes in one request. Callers pack their batches under this and under the provider's token cap. */
const requestInputs = 2048;

export interface Embedder {
  model: string;
  dimensions: number;
  /** One vector a text, in the same order. Throws `Failure` with an `embedding_…` code; it never waits and never repeats by itself. */
  embedDocuments: (texts: string[]) => Promise<{ vectors: Float32Array[]; usage: Exchange["usage"] }>;
  embedQuery: (text: string) => Promise<Float32Array>;
}

interface Options {
  apiKey: string;
  baseUrl: string;
  model: string;
  dimensions: number;
  /** For one request, its answer read to the end. */
  timeoutMs?: number;
}

/** A client of OpenAI, or of any server that speaks `POST /v1/embeddings`. */
export function createEmbedder({ apiKey, baseUrl, model, dimensions, timeoutMs = 120_000 }: Options): Embedder {
  const embedDocuments: Embedder["embedDocuments"] = async (texts) => {
    const exchange: Exchange = { usage: { tokens: 0, requests: 0 }, failure: undefined };
    const client = new OpenAIEmbeddings({
      apiKey,
      model,
      dimensions,
      batchSize: requestInputs,
      stripNewLines: false,
      // Waiting and repeating are the workflow engine's: here they would hold a worker and pay twice.
      maxRetries: 0,
      timeout: timeoutMs,
      configuration: { baseURL: baseUrl, fetch: createCheckedFetch(exchange) },
    });
    const answered = await client.embedDocuments(texts).catch((thrown: unknown) => {
      throw exchange.failure ?? unreadable(exchange, thrown);
    });
    return { vectors: answered.map((vector) => checkVector(vector, dimensions)), usage: exchange.usage };
  };
  return {
    model,
    dimensions,
    embedDocuments,
    embedQuery: async (text) => {
      const [vector] = (await embedDocuments([text])).vectors;
      if (!vector) throw new Failure("embedding_response_invalid");
      return vector;
    },
  };
}

function checkVector(vector: number[], dimensions: number): Float32Array {
  if (vector.length !== dimensions) {
    throw new Failure("embedding_dimension_mismatch", {
      detail: `The model answers with ${vector.length} dimensions; the index holds ${dimensions}.`,
    });
  }
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(norm) || norm === 0) {
    throw new Failure("embedding_response_invalid", { detail: "A vector has no direction or no finite length." });
  }
  return Float32Array.from(vector, (value) => value / norm);
}

/** Nothing failed on the wire, so the library could not send the request, or could not read an answer that has the right form. */
function unreadable({ usage }: Exchange, cause: unknown): Failure {
  return new Failure(usage.requests === 0 ? "embedding_unavailable" : "embedding_response_invalid", { cause });
}
