import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type ApiError, badRequest, errorBody } from "./api-error.ts";
import { createFaults, type Fault, spoil, toBase64 } from "./faults.ts";
import { createLedger } from "./ledger.ts";
import { lexicalVector } from "./lexical-vector.ts";
import { type EmbeddingsRequest, modelNames, readRequest } from "./read-request.ts";

export interface Settings {
  apiKey: string | undefined;
  /** Added to every request, and to it for every input, in milliseconds. */
  latencyMs: number;
  inputLatencyMs: number;
  /** Whether `/control` and `/stats` are there. */
  control: boolean;
}

/** What the headers say; nothing is held to them. */
const requestsPerMinute = 10_000;
const tokensPerMinute = 10_000_000;

type Send = (status: number, body: string, headers?: Record<string, string>, dripMs?: number) => void;

const dripPieces = 20;

/** OpenAI's embeddings API over HTTP. */
export function createEmbeddingsServer(settings: Settings): Server {
  const faults = createFaults();
  const ledger = createLedger();

  async function embed(text: string, send: Send, hangUp: () => void): Promise<void> {
    const request = readRequest(text);
    const inputs = "error" in request ? [] : request.inputs;
    const end = ledger.begin(inputs);
    try {
      const fault = faults.take(inputs);
      if (!fault?.hangUp) return await answer(request, fault, send);
      ledger.refuse();
      hangUp();
    } finally {
      end();
    }
  }

  async function answer(request: ReturnType<typeof readRequest>, fault: Fault | undefined, send: Send): Promise<void> {
    if (fault?.delayMs) await wait(fault.delayMs);
    if (fault?.status) {
      ledger.refuse();
      const { status, headers } = fault;
      const body = JSON.stringify(
        fault.body ?? {
          error: { message: "A fault that was asked for.", type: "server_error", param: null, code: null },
        },
      );
      return send(status, body, headers);
    }
    if ("error" in request) {
      ledger.refuse();
      return send(request.error.status, errorBody(request.error));
    }
    const latencyMs = settings.latencyMs + settings.inputLatencyMs * request.inputs.length;
    if (latencyMs > 0) await wait(latencyMs);
    ledger.record(request.inputs, request.tokens);
    const data = spoil(embedInputs(request), fault?.spoil);
    const usage = { prompt_tokens: request.tokens, total_tokens: request.tokens };
    const headers = {
      "x-ratelimit-remaining-tokens": String(tokensPerMinute - request.tokens),
      "x-ratelimit-reset-tokens": `${Math.ceil((request.tokens / tokensPerMinute) * 60_000)}ms`,
    };
    send(200, JSON.stringify({ object: "list", data, model: request.model, usage }), headers, fault?.dripMs);
  }

  async function handle(request: IncomingMessage, send: Send): Promise<void> {
    const route = `${request.method} ${new URL(request.url ?? "/", "http://localhost").pathname}`;
    if (route === "GET /health") return send(200, JSON.stringify({ status: "ok" }));
    if (settings.control && route === "GET /stats") return send(200, JSON.stringify(ledger.read()));
    if (settings.control && route === "POST /control") {
      faults.replace(await readBody(request));
      return send(200, "{}");
    }
    const unauthorized = checkKey(request, settings.apiKey);
    if (unauthorized) return send(401, errorBody(unauthorized));
    if (route === "GET /v1/models") {
      return send(200, JSON.stringify({ object: "list", data: modelNames.map((id) => ({ id, object: "model" })) }));
    }
    if (route === "POST /v1/embeddings") return await embed(await readBody(request), send, () => request.destroy());
    send(404, errorBody({ ...badRequest(`Invalid URL (${route})`), status: 404 }));
  }

  return createServer((request, response) => {
    const send = createSend(response);
    handle(request, send).catch((thrown: unknown) => {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      send(500, errorBody({ status: 500, message, type: "server_error", param: null, code: null }));
    });
  });
}

function embedInputs({ inputs, dimensions, format }: EmbeddingsRequest) {
  return inputs.map((input, index) => {
    const vector = lexicalVector(input, dimensions);
    return { object: "embedding" as const, index, embedding: format === "base64" ? toBase64(vector) : [...vector] };
  });
}

function checkKey(request: IncomingMessage, apiKey: string | undefined): ApiError | null {
  if (!apiKey || request.headers.authorization === `Bearer ${apiKey}`) return null;
  const given = request.headers.authorization !== undefined;
  const message = given ? "Incorrect API key provided." : "You didn't provide an API key.";
  return { status: 401, message, type: "invalid_request_error", param: null, code: given ? "invalid_api_key" : null };
}

function createSend(response: ServerResponse): Send {
  const began = performance.now();
  return (status, body, headers = {}, dripMs = 0) => {
    if (response.headersSent) return;
    response.writeHead(status, {
      "content-type": "application/json",
      "x-request-id": `req_${randomUUID().replaceAll("-", "")}`,
      "openai-processing-ms": String(Math.round(performance.now() - began)),
      "x-ratelimit-limit-requests": String(requestsPerMinute),
      "x-ratelimit-remaining-requests": String(requestsPerMinute - 1),
      "x-ratelimit-reset-requests": `${60_000 / requestsPerMinute}ms`,
      "x-ratelimit-limit-tokens": String(tokensPerMinute),
      ...headers,
    });
    if (dripMs > 0) void drip(response, body, dripMs);
    else response.end(body);
  };
}

async function drip(response: ServerResponse, body: string, dripMs: number): Promise<void> {
  const length = Math.ceil(body.length / dripPieces);
  for (let start = 0; start < body.length && !response.destroyed; start += length) {
    response.write(body.slice(start, start + length));
    await wait(dripMs / dripPieces);
  }
  response.end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
