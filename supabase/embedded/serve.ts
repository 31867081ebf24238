import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { logError } from "./log.ts";

/** Answers the requests under one prefix of the path. */
export type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export interface Listener {
  port: number;
  /** Opens for business: until then everything is answered with 503. */
  serve: (routes: Record<string, Route>) => void;
  close: () => Promise<void>;
}

const allowedHeaders =
  "authorization, apikey, content-type, cache-control, content-encoding, prefer, range, range-unit, accept, accept-profile, " +
  "content-profile, x-client-info, x-upsert, x-metadata, x-region, x-supabase-api-version, if-none-match";
const exposedHeaders =
  "content-range, content-location, preference-applied, content-disposition, etag, link, x-total-count, sb-error-code";

/** Takes the port at once, so that a taken one is found out before anything else is done. */
export async function listen(port: number): Promise<Listener> {
  let routes: Record<string, Route> | undefined;
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    answer(routes, request, response).catch((error) => {
      logError("http", error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: "Internal Server Error" });
    });
  });
  await bind(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    serve: (given) => {
      routes = given;
    },
    close: () => close(server),
  };
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
}

async function answer(
  routes: Record<string, Route> | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-expose-headers", exposedHeaders);
  if (request.method === "OPTIONS" && request.headers["access-control-request-method"]) {
    response.setHeader("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    response.setHeader(
      "access-control-allow-headers",
      request.headers["access-control-request-headers"] ?? allowedHeaders,
    );
    response.setHeader("access-control-max-age", "86400");
    response.writeHead(200).end();
    return;
  }
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  if (url.pathname === "/health") return sendJson(response, routes ? 200 : 503, { status: routes ? "ok" : "starting" });
  if (!routes) return sendJson(response, 503, { message: "The server is starting" });
  const prefix = Object.keys(routes).find((path) => url.pathname === path || url.pathname.startsWith(`${path}/`));
  const route = prefix === undefined ? undefined : routes[prefix];
  if (!route) return sendJson(response, 404, { message: "no Route matched with those values" });
  await route(request, response, url);
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(cause.code === "EADDRINUSE" ? new Error(`port ${port} is in use by another process`, { cause }) : cause);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** Lets what has begun end, for five seconds at most. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatient = setTimeout(() => server.closeAllConnections(), 5_000);
    server.close(() => {
      clearTimeout(impatient);
      resolve();
    });
    server.closeIdleConnections();
  });
}
