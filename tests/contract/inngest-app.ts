import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Inngest } from "inngest";
import { serve } from "inngest/edge";
import { type CallBody, type Exchange, type RecordedOp, Recorder } from "./inngest-record.ts";
import type { Subject } from "./inngest-subject.ts";
import { waitFor } from "./inngest-wait.ts";

export type Functions = Parameters<typeof serve>[0]["functions"];

export interface RunSeen {
  runId: string;
  fnId: string;
  exchanges: Exchange[];
}

export interface TestApp {
  client: Inngest;
  url: string;
  record: Recorder;
  /** Sends an event whose data bears the tag; its internal id. */
  send(name: string, tag: string, data?: Record<string, unknown>, more?: { id?: string; ts?: number }): Promise<string>;
  /** The runs of a function, seen so far, that an event with the tag started, oldest first. */
  runsOf(fn: string, tag: string): RunSeen[];
  /** Waits until such runs have ended, and gives them; `count` of them. */
  ended(fn: string, tag: string, count?: number): Promise<RunSeen[]>;
  /** The same for one. */
  endedOne(fn: string, tag: string): Promise<RunSeen>;
  api(path: string, init?: RequestInit): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Breaks off every request of the server as a crash of the app would; the code goes on as an orphan. */
  hangUp(): void;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  id: string;
  subject: Subject;
  functions: (client: Inngest) => Functions;
  port?: number;
}

const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Serves functions by the real SDK on a port of its own, registers them, and records all that is exchanged. */
export async function startTestApp({ id, subject, functions, port = 0 }: TestAppOptions): Promise<TestApp> {
  const record = new Recorder();
  const client = new Inngest({
    id,
    isDev: true,
    baseUrl: subject.url,
    eventKey: "test",
    logger: quiet,
    fetch: (input, init) => fetchAndRecord(record, String(input instanceof Request ? input.url : input), init),
  });
  const handler = serve({ client, functions: functions(client) });
  const server = createServer(async (request, response) => {
    try {
      const body = await readText(request);
      const startedAt = Date.now();
      const url = `http://${request.headers.host}${request.url}`;
      const headers = new Headers(request.headers as Record<string, string>);
      const init = { method: request.method ?? "GET", headers, ...(body ? { body } : {}) };
      const answer = await handler(new Request(url, init));
      const text = await answer.text();
      if (request.method === "POST") recordCall(record, { url, body, answer, text, startedAt });
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(text);
    } catch {
      response.writeHead(500).end();
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/inngest`;
  const synced = await fetch(url, { method: "PUT", headers: { "x-inngest-server-kind": "dev" }, body: "{}" });
  if (!synced.ok) throw new Error(`The app could not register: ${await synced.text()}`);

  const api: TestApp["api"] = async (path, init) => {
    // The server caches by this header, and a cached answer is of no use here.
    const headers = { authorization: `Bearer ${crypto.randomUUID()}`, ...init?.headers };
    const answer = await fetch(`${subject.url}${path}`, { ...init, headers });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
  const runsOf: TestApp["runsOf"] = (fn, tag) => {
    const runs = new Map<string, RunSeen>();
    for (const { fnId, runId, request, kind } of record.exchanges) {
      if (kind !== "call" || fnId !== `${id}-${fn}` || tagOf(request) !== tag || runs.has(runId)) continue;
      runs.set(runId, { runId, fnId, exchanges: [] });
    }
    return [...runs.values()].map((run) => ({ ...run, exchanges: record.of(run.runId) }));
  };
  const hasEnded = async (runId: string): Promise<boolean> => {
    const { body } = await api(`/api/v2/runs/${runId}`);
    return Boolean((body.data as { endedAt?: string } | undefined)?.endedAt);
  };
  const ended: TestApp["ended"] = (fn, tag, count = 1) =>
    waitFor(`${count} ended runs of ${fn} for ${tag}`, async () => {
      const runs = runsOf(fn, tag);
      if (runs.length < count) return null;
      const all = await Promise.all(runs.map(({ runId }) => hasEnded(runId)));
      return all.every(Boolean) ? runsOf(fn, tag) : null;
    });
  return {
    client,
    url,
    record,
    api,
    runsOf,
    ended,
    endedOne: async (fn, tag) => {
      const [run] = await ended(fn, tag);
      if (!run) throw new Error(`no run of ${fn}`);
      return run;
    },
    send: async (name, tag, data = {}, more = {}) => {
      const { ids } = await client.send({ name, data: { ...data, tag }, ...more });
      return ids[0] ?? "";
    },
    hangUp: () => server.closeAllConnections(),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** The tag of the event that started a run, or of the run that it tells of. */
function tagOf({ event }: CallBody): unknown {
  const inner = event.data.event as { data?: { tag?: unknown } } | undefined;
  return event.data.tag ?? inner?.data?.tag;
}

interface Call {
  url: string;
  body: string;
  answer: Response;
  text: string;
  startedAt: number;
}

function recordCall(record: Recorder, { url, body, answer, text, startedAt }: Call): void {
  const request = JSON.parse(body) as CallBody;
  const query = new URL(url).searchParams;
  const parsed: unknown = text === "" ? null : JSON.parse(text);
  record.add({
    kind: "call",
    fnId: query.get("fnId") ?? "",
    runId: request.ctx.run_id,
    stepId: query.get("stepId") ?? "",
    attempt: request.ctx.attempt,
    request,
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    ops: answer.status === 206 ? ([parsed].flat() as RecordedOp[]) : [],
    body: parsed,
    startedAt,
    endedAt: Date.now(),
  });
}

async function fetchAndRecord(record: Recorder, url: string, init?: RequestInit): Promise<Response> {
  const startedAt = Date.now();
  const answer = await fetch(url, init);
  const runId = /\/v1\/checkpoint\/([^/]+)\/async$/.exec(new URL(url).pathname)?.[1];
  if (runId === undefined) return answer;
  const request = JSON.parse(String(init?.body)) as { steps: RecordedOp[] };
  record.add({
    kind: "checkpoint",
    fnId: "",
    runId,
    stepId: "",
    attempt: 0,
    request: { event: { id: "", name: "", ts: 0, data: {} }, events: [], steps: {}, version: 0 } as unknown as CallBody,
    status: answer.status,
    headers: {},
    ops: request.steps,
    body: null,
    startedAt,
    endedAt: Date.now(),
  });
  return answer;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
