import { type ApiError, badRequest } from "./api-error.ts";
import { countTokens, decodeTokens, isToken } from "./tokens.ts";

/** OpenAI's limits: inputs a request, tokens an input, tokens a request. */
const maxInputs = 2048;
const maxInputTokens = 8192;
const maxRequestTokens = 300_000;

const models = new Map([
  // What this server truly is; the others are taken for the sake of those who ask by OpenAI's names.
  ["embedded-lexical", { dimensions: 1536, adjustable: true }],
  ["text-embedding-3-small", { dimensions: 1536, adjustable: true }],
  ["text-embedding-3-large", { dimensions: 3072, adjustable: true }],
  ["text-embedding-ada-002", { dimensions: 1536, adjustable: false }],
]);

export const modelNames = [...models.keys()];

export interface EmbeddingsRequest {
  model: string;
  inputs: string[];
  dimensions: number;
  format: "float" | "base64";
  tokens: number;
}

/** Reads the body of `POST /v1/embeddings`, or tells what OpenAI would find wrong with it. */
export function readRequest(text: string): EmbeddingsRequest | { error: ApiError } {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { error: badRequest("We could not parse the JSON body of your request.") };
  }
  if (typeof body !== "object" || body === null) return { error: badRequest("The body must be a JSON object.") };
  if (typeof body.model !== "string") return { error: badRequest("you must provide a model parameter") };
  const model = models.get(body.model);
  if (!model) {
    const message = `The model \`${body.model}\` does not exist or you do not have access to it.`;
    return { error: { ...badRequest(message, null, "model_not_found"), status: 404 } };
  }
  const format = body.encoding_format ?? "float";
  if (format !== "float" && format !== "base64") {
    return {
      error: badRequest(
        `Invalid value: '${String(format)}'. Supported values are: 'float' and 'base64'.`,
        "encoding_format",
      ),
    };
  }
  const dimensions = readDimensions(body.dimensions, model);
  if (typeof dimensions !== "number") return dimensions;
  const inputs = readInputs(body.input);
  if ("error" in inputs) return inputs;
  return { model: body.model, inputs: inputs.texts, dimensions, format, tokens: inputs.tokens };
}

function readDimensions(
  asked: unknown,
  model: { dimensions: number; adjustable: boolean },
): number | { error: ApiError } {
  if (asked === undefined || asked === null) return model.dimensions;
  if (!model.adjustable)
    return { error: badRequest("This model does not support specifying dimensions.", "dimensions") };
  if (!Number.isInteger(asked) || Number(asked) < 1 || Number(asked) > model.dimensions) {
    const message = `Invalid value for 'dimensions' = ${String(asked)}. Must be between 1 and ${model.dimensions}.`;
    return { error: badRequest(message, "dimensions") };
  }
  return Number(asked);
}

function readInputs(input: unknown): { texts: string[]; tokens: number } | { error: ApiError } {
  const invalid = {
    error: badRequest(
      "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
      "input",
    ),
  };
  const list = typeof input === "string" || isTokens(input) ? [input] : input;
  if (!Array.isArray(list) || list.length === 0) return invalid;
  if (list.length > maxInputs) {
    return {
      error: badRequest(
        `Invalid 'input': array too long. Expected an array with maximum length ${maxInputs}, but got an array with length ${list.length} instead.`,
        "input",
        "array_above_max_length",
      ),
    };
  }
  const texts: string[] = [];
  let tokens = 0;
  for (const [index, entry] of list.entries()) {
    if (!(typeof entry === "string" || isTokens(entry)) || entry.length === 0) return invalid;
    const count = typeof entry === "string" ? countTokens(entry) : entry.length;
    if (count > maxInputTokens) {
      return {
        error: badRequest(
          `Invalid 'input[${index}]': maximum context length is ${maxInputTokens} tokens, however you requested ${count} tokens.`,
          "input",
        ),
      };
    }
    texts.push(typeof entry === "string" ? entry : decodeTokens(entry));
    tokens += count;
  }
  if (tokens > maxRequestTokens) {
    return {
      error: {
        ...badRequest(
          `Requested ${tokens} tokens, max ${maxRequestTokens} tokens per request`,
          null,
          "max_tokens_per_request",
        ),
        type: "max_tokens_per_request",
      },
    };
  }
  return { texts, tokens };
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every(isToken);
}
