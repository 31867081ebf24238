import { once } from "node:events";
import { createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

export interface Intercepted {
  method: string;
  /** With its query. */
  path: string;
  body: string;
  headers: Record<string, string>;
}

/** Answers instead of the target, lets the request through (undefined), or breaks its connection (throws). It may take its time. */
export type Intercept = (request: Intercepted) => Promise<Response | undefined> | Response | undefined;

/** Called for each request that was let through, also when its connection broke before there was an answer. */
type Afterwards = (request: Intercepted, isAnswered: boolean) => Promise<void>;

export interface Proxy {
  url: string;
  /** Steps in between from now on; null lets everything through. An answer of the target is passed on once `afterwards` is done. */
  intercept: (intercept: Intercept | null, afterwards?: Afterwards) => void;
  stop: () => Promise<void>;
}

/** Stands between the product and a service, so that a test can make the service fail. */
export async function startProxy(target: string): Promise<Proxy> {
  let current: Intercept | null = null;
  let onEnd: Afterwards | undefined;
  const server = createServer(async (request, response) => {
    try {
      const body = await readBody(request);
      const { method = "GET", url: path = "/" } = request;
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const intercepted = { method, path, body: body.toString(), headers };
      const answer = await current?.(intercepted);
      if (answer) {
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(await answer.text());
        return;
      }
      // A connection of its own: a kept one may be closed by the target at the very moment that it is used again.
      const passed = send(new URL(path, target), { method, headers: request.headers, agent: false });
      passed.end(body);
      const received = await once(passed, "response").then(
        ([first]) => first as IncomingMessage,
        () => null,
      );
      await onEnd?.(intercepted, received !== null);
      if (!received) throw new Error("The target broke the connection.");
      response.writeHead(received.statusCode ?? 502, received.headers);
      // The target may die in the middle of its answer: then the asker's connection ends too.
      await pipeline(received, response);
    } catch {
      request.socket.destroy();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    intercept: (intercept, afterwards) => {
      current = intercept;
      onEnd = afterwards;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** An interception that holds the first request that fits, until it is released. `reached` is when it is held. */
export function holdFirst(fits: (request: Intercepted) => boolean) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<undefined>();
  let isHeld = false;
  const intercept: Intercept = (request) => {
    if (isHeld || !fits(request)) return undefined;
    isHeld = true;
    reached.resolve();
    return released.promise;
  };
  return { intercept, reached: reached.promise, release: () => released.resolve(undefined) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
