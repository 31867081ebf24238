import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Inngest } from "inngest";
import { serve } from "inngest/edge";

/** What the app is told by its environment. */
export interface FaultEnvironment {
  FAULT_ENGINE_URL: string;
  FAULT_LEDGER: string;
  FAULT_PORT: string;
}

// An app as a process of its own, to be killed. Each step notes in the ledger that it begins: that is its side effect.
const { FAULT_ENGINE_URL = "", FAULT_LEDGER = "", FAULT_PORT = "0" } = process.env;
const fanOut = 20;

const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const client = new Inngest({ id: "faults", isDev: true, baseUrl: FAULT_ENGINE_URL, eventKey: "test", logger: quiet });

async function note(run: number, step: string): Promise<string> {
  appendFileSync(FAULT_LEDGER, `${run} ${step}\n`);
  await pause(2);
  return `${run}:${step}`;
}

const work = client.createFunction(
  { id: "work", triggers: [{ event: "faults/work" }], retries: 20 },
  async ({ event, step }) => {
    const number = (event.data as { run: number }).run;
    const once = (name: string) => step.run(name, () => note(number, name));
    const before = [await once("first"), await once("second"), await once("third")];
    const parallel = await Promise.all(Array.from({ length: fanOut }, (_, index) => once(`parallel-${index}`)));
    const after = [await once("fourth"), await once("fifth"), await once("sixth")];
    return [...before, ...parallel, ...after];
  },
);

const handler = serve({ client, functions: [work] });
const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString();
  const init = { method: request.method ?? "GET", headers: new Headers(request.headers as Record<string, string>) };
  const answer = await handler(
    new Request(`http://${request.headers.host}${request.url}`, { ...init, ...(body && { body }) }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
});
server.listen(Number(FAULT_PORT), "127.0.0.1", () => {
  console.log(JSON.stringify({ ready: true, port: (server.address() as AddressInfo).port }));
});
