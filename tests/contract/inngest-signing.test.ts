import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/edge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EmbeddedEngine, startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { waitFor } from "./inngest-wait.ts";

const key = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** The app is in cloud mode: it takes signed requests only. */
describe("a signing key on the embedded engine", () => {
  let engine: EmbeddedEngine;
  let server: Server;
  let url = "";
  let client: Inngest;
  const seen: { method: string; signature: string | undefined; syncKind: string | undefined; status: number }[] = [];
  const results: unknown[] = [];

  beforeAll(async () => {
    let handler: ((request: Request) => Promise<Response>) | null = null;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { headers, method = "GET" } = request;
      const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
      const init = { method, headers: new Headers(headers as Record<string, string>), ...body };
      const answer = await handler?.(new Request(`http://${headers.host}${request.url}`, init));
      if (!answer) return void response.writeHead(503).end();
      const header = (name: string) => headers[name] as string | undefined;
      const syncKind = header("x-inngest-sync-kind");
      seen.push({ method, signature: header("x-inngest-signature"), syncKind, status: answer.status });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/inngest`;
    engine = await startEmbeddedEngine({ sdkUrl: url, args: ["--signing-key", key, "--event-key", "secret"] });
    client = new Inngest({
      id: "signed",
      baseUrl: engine.url,
      isDev: false,
      eventKey: "secret",
      signingKey: `signkey-prod-${key}`,
      logger: quiet,
    });
    const work = client.createFunction({ id: "work", triggers: [{ event: "signed/work" }] }, async ({ step }) => {
      const one = await step.run("one", () => ({ z: 1, a: "é" }));
      results.push(one);
      return one;
    });
    handler = serve({ client, functions: [work] }) as (request: Request) => Promise<Response>;
    await waitFor("the app is registered", async () => {
      const health = (await (await fetch(`${engine.url}/health`)).json()) as { synced: number };
      return health.synced === 1;
    });
  });
  afterAll(async () => {
    server?.close();
    server?.closeAllConnections();
    await engine?.stop();
  });

  test("the app is synced in band, by a signed request", () => {
    const sync = seen.find(({ method, status }) => method === "PUT" && status === 200);
    expect(sync?.syncKind).toBe("in_band");
    expect(sync?.signature).toMatch(/^t=\d+&s=[0-9a-f]{64}$/);
  });

  test("runs go through: the app trusts the engine's requests, the engine the app's reports", async () => {
    await client.send({ name: "signed/work", data: { "key with é": [1, 2.5, null] } });
    await waitFor("the run", () => results.length > 0);
    expect(results).toEqual([{ z: 1, a: "é" }]);
    const calls = () => seen.filter(({ method }) => method === "POST").map(({ status }) => status);
    await waitFor("the answer", () => calls().length > 0);
    expect(calls()).toEqual([206]);
  });

  test("what bears no key is refused", async () => {
    for (const path of ["/v1/events", "/api/v2/runs", "/page/functions"]) {
      expect((await fetch(`${engine.url}${path}`)).status, path).toBe(401);
    }
    expect((await fetch(`${engine.url}/fn/register`, { method: "POST", body: "{}" })).status).toBe(401);
    const event = JSON.stringify({ name: "signed/work", data: {} });
    expect((await fetch(`${engine.url}/e/wrong`, { method: "POST", body: event })).status).toBe(401);
    expect((await fetch(`${engine.url}/`)).status).toBe(200);
  });
});
