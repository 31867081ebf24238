import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Engine } from "../engine.ts";
import { bearsKey } from "../protocol/sign.ts";
import { type Reply, refuse } from "./reply.ts";
import { type Route, routes } from "./routes.ts";

export interface Serving {
  url: string;
  close(): Promise<void>;
}

/** Listens; rejects, naming the port, when another program has it. */
export async function serve(engine: Engine): Promise<Serving> {
  const { host, port } = engine.settings;
  const server = createServer((request, response) => {
    respond(engine, request, response).catch((error: unknown) => {
      engine.log("error", "a request failed inside the engine", { url: request.url, error: String(error) });
      if (response.headersSent) response.destroy();
      else send(response, refuse(500, "internal error"));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new Error(`port ${port} of ${host} is taken by another program`, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: () => close(server) };
}

async function respond(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const foreign = findForeign(engine.settings.host, request.headers);
  if (foreign) return send(response, refuse(403, foreign));
  const url = URL.parse(request.url ?? "/", "http://engine");
  const found = url && findRoute(request.method ?? "GET", url.pathname);
  if (!found || !url) return send(response, refuse(404, `${request.method} ${request.url} is not served here`));
  const { route, params } = found;
  const { signingKey } = engine.settings;
  if (route.isPrivate && signingKey && !bearsKey(signingKey, request.headers.authorization)) {
    return send(response, refuse(401, "Unauthorized"));
  }
  const body = await readBody(request, route.maxBytes);
  if (body === null) return send(response, refuse(413, `The body is larger than ${route.maxBytes} bytes`));
  const { headers } = request;
  const reply = await route.answer(engine, { method: route.method, params, query: url.searchParams, headers, body });
  await engine.store.settled();
  send(response, reply);
}

function findRoute(method: string, path: string): { route: Route; params: string[] } | null {
  const parts = path.replace(/(?<=.)\/$/, "").split("/");
  for (const route of routes) {
    const wanted = route.path.split("/");
    if (route.method !== method || wanted.length !== parts.length) continue;
    if (!wanted.every((part, index) => part === ":" || part === parts[index])) continue;
    const params = parts.filter((_, index) => wanted[index] === ":").map(decode);
    return { route, params };
  }
  return null;
}

/** Why a request may come from another site's page in somebody's browser; null when it does not. */
function findForeign(listensOn: string, { host = "", origin }: IncomingHttpHeaders): string | null {
  if (origin !== undefined && URL.parse(origin)?.host !== host) return "requests from pages of other sites are refused";
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  const isLoopback = (address: string) => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(address);
  // A name that was pointed at this machine would make another site's page one of ours.
  return isLoopback(listensOn) && !isLoopback(name) ? `the host ${JSON.stringify(host)} is not this engine's` : null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The whole body; null when it is longer than allowed. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
