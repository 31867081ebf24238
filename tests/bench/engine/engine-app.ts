import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/edge";

const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** The functions that the bench runs, served by the SDK in this process. `ended` emits the tag of a run that reached its last line. */
export async function startBenchApp(engineUrl: string) {
  const client = new Inngest({ id: "bench", isDev: true, baseUrl: engineUrl, eventKey: "bench", logger: quiet });
  const ended = new EventEmitter().setMaxListeners(0);
  const done = (event: { data: unknown }) => ended.emit(String((event.data as { tag: string }).tag));
  const work = async (index: number) => index;
  const steps = 20;
  const parallel = 50;

  const sequential = client.createFunction(
    { id: "sequential", triggers: [{ event: "bench/sequential" }] },
    async ({ event, step }) => {
      for (let index = 0; index < steps; index += 1) await step.run(`step-${index}`, () => work(index));
      done(event);
    },
  );
  const stepwise = client.createFunction(
    { id: "stepwise", triggers: [{ event: "bench/stepwise" }], checkpointing: false },
    async ({ event, step }) => {
      for (let index = 0; index < steps; index += 1) await step.run(`step-${index}`, () => work(index));
      done(event);
    },
  );
  const fanOut = client.createFunction(
    { id: "fan-out", triggers: [{ event: "bench/fan-out" }] },
    async ({ event, step }) => {
      await Promise.all(Array.from({ length: parallel }, (_, index) => step.run(`step-${index}`, () => work(index))));
      done(event);
    },
  );
  const child = client.createFunction({ id: "child", triggers: [{ event: "bench/child" }] }, async () => 1);
  const invokes = client.createFunction(
    { id: "invokes", triggers: [{ event: "bench/invokes" }] },
    async ({ event, step }) => {
      const invoke = (_: unknown, index: number) => step.invoke(`invoke-${index}`, { function: child, data: {} });
      await Promise.all(Array.from({ length: parallel }, invoke));
      done(event);
    },
  );
  const small = client.createFunction({ id: "small", triggers: [{ event: "bench/small" }] }, async ({ event }) => {
    done(event);
  });

  const stuck = client.createFunction(
    {
      id: "stuck",
      triggers: [{ event: "bench/stuck" }],
      concurrency: [{ limit: 2 }, { key: "event.data.owner", limit: 1 }],
      cancelOn: [{ event: "bench/give-up", match: "data.tag" }],
    },
    () => new Promise<never>(() => undefined),
  );

  const handler = serve({ client, functions: [sequential, stepwise, fanOut, child, invokes, small, stuck] });
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const headers = new Headers(request.headers as Record<string, string>);
    const init = { method: request.method ?? "GET", headers, ...(body && { body }) };
    const answer = await handler(new Request(`http://${request.headers.host}${request.url}`, init));
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/inngest`;
  const synced = await fetch(url, { method: "PUT" });
  if (!synced.ok) throw new Error(`The app could not register: ${await synced.text()}`);

  let tags = 0;
  /** Starts `count` runs and waits until each has reached its last line; answers the milliseconds that took. */
  const run = async (name: string, count = 1): Promise<number> => {
    const events = Array.from({ length: count }, () => {
      tags += 1;
      return { name: `bench/${name}`, data: { tag: `run-${tags}` } };
    });
    const waits = events.map(({ data }) => once(ended, data.tag));
    const began = performance.now();
    await client.send(events);
    await Promise.all(waits);
    return performance.now() - began;
  };
  /** Queues `count` runs of one owner, of which one has a place for good; answers their tags. */
  const queue = async (count: number): Promise<string[]> => {
    const queued = Array.from({ length: count }, () => {
      tags += 1;
      return `stuck-${tags}`;
    });
    await client.send(queued.map((tag) => ({ name: "bench/stuck", data: { owner: "bulk", tag } })));
    return queued;
  };
  /** Cancels a run that is queued by an event; answers the milliseconds until the engine has done so. */
  const cancel = async (tag: string): Promise<number> => {
    const began = performance.now();
    await client.send({ name: "bench/give-up", data: { tag } });
    return performance.now() - began;
  };
  return { run, queue, cancel, stop: () => server.close().closeAllConnections() };
}
