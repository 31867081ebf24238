import type { IncomingMessage, ServerResponse } from "node:http";
import type { Api } from "./create-api.ts";
import { exportTokens, importToken } from "./exchange-token.ts";
import type { Keys } from "./load-keys.ts";
import type { Exclusive } from "./run-exclusive.ts";
import { sendJson } from "./serve.ts";

const maxBodyBytes = 64 * 1024 * 1024;
/** What is longer brings rows to store, and takes as long as many small calls. */
const shortBodyBytes = 16 * 1024;

/** Headers of CORS are the server's business, and the body's length is known only here. */
const ownHeaders = /^(access-control-.*|content-length|transfer-encoding|connection)$/;

/** Answers a request through the REST and Auth services, one request at a time and each with its body at hand. */
export async function answerApi(
  api: Api,
  exclusive: Exclusive,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const body = await readBody(request);
  if (url.pathname.startsWith("/rest/") && isMalformedToken(request.headers.authorization)) {
    return sendJson(response, 401, { code: "PGRST301", message: "Malformed JWT", details: null, hint: null });
  }
  if (body === "too large") return sendJson(response, 413, { message: "Request body is too large" });
  const method = request.method ?? "GET";
  const run = body.length > shortBodyBytes ? exclusive.patiently : exclusive;
  const answer = await run(async () => {
    const forwarded = new Request(url, {
      method,
      headers: toHeaders(request, api.keys),
      body: method === "GET" || method === "HEAD" ? null : new Uint8Array(body),
    });
    const given = await api.fetch(forwarded);
    return { status: given.status, headers: given.headers, bytes: Buffer.from(await given.arrayBuffer()) };
  });
  if (url.pathname.startsWith("/auth/")) giveOut(api.keys, answer);
  for (const [name, value] of answer.headers) if (!ownHeaders.test(name)) response.setHeader(name, value);
  if (answer.status !== 204 && answer.status !== 304) response.setHeader("content-length", answer.bytes.length);
  response.writeHead(answer.status).end(method === "HEAD" ? undefined : answer.bytes);
}

/** The library takes the bearer of a token without a signature for nobody, and serves them; PostgREST refuses. */
function isMalformedToken(authorization: string | undefined): boolean {
  const token = /^Bearer\s+(.+)$/i.exec(authorization ?? "")?.[1];
  return token !== undefined && !token.startsWith("sb_") && !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

async function readBody(request: IncomingMessage): Promise<Buffer | "too large"> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    // What is too much is still read to its end: many clients only then read the answer.
    if (size <= maxBodyBytes) pieces.push(piece);
  }
  return size > maxBodyBytes ? "too large" : Buffer.concat(pieces);
}

function toHeaders(request: IncomingMessage, keys: Keys): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  const [, scheme, token] = /^(Bearer\s+)(.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (scheme && token) headers.set("authorization", scheme + importToken(keys, token));
  return headers;
}

/** Auth gives tokens out in bodies, and in the address that a link of a mail leads on to. */
function giveOut(keys: Keys, answer: { headers: Headers; bytes: Buffer }): void {
  const location = answer.headers.get("location");
  if (location) answer.headers.set("location", exportTokens(keys, location));
  if (!answer.bytes.includes("access_token")) return;
  answer.bytes = Buffer.from(exportTokens(keys, answer.bytes.toString("utf8")));
}
