import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import path from "node:path";
import { Failure } from "#lib/errors.ts";
import type { ParseProgress, ParseReply, ParseRequest } from "#lib/ingestion/parse-protocol.ts";
import type { ParsedDocument } from "#lib/ingestion/schema.ts";

interface RunOptions {
  onProgress?: ((progress: ParseProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface ParserPool {
  /** Parses in a process of its own; waits for a free one first. Throws what the parser throws, and `file_too_complex` when it is stopped. */
  run(request: ParseRequest, options: RunOptions): Promise<ParsedDocument>;
}

interface ParserProcess {
  child: ChildProcess;
  served: number;
  stderr: string;
  retireTimer?: NodeJS.Timeout;
}

/** A start costs about 0.1 s, so a process reads document after document; it is let go before what piles up in it matters. */
const mostServed = 100;
const idleMs = 5_000;
const retireAboveBytes = 300 * 1024 * 1024;
const heapMegabytes = 768;
const memoryPollMs = 100;
const keptStderr = 4_000;

/** Processes that parse: as many at once as there are processors, kept for a few seconds when idle, never keeping ours alive. */
export function createParserPool(concurrency: number = availableParallelism()): ParserPool {
  const idle: ParserProcess[] = [];
  const waiting: (() => void)[] = [];
  let running = 0;

  async function takeTurn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (running < concurrency) {
      running += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      waiting.splice(waiting.indexOf(resolve), 1);
      reject(signal?.reason);
    };
    waiting.push(resolve);
    signal?.addEventListener("abort", abort, { once: true });
    await promise.finally(() => signal?.removeEventListener("abort", abort));
  }

  function passTurn(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  function take(): ParserProcess {
    const parser = idle.pop() ?? start();
    clearTimeout(parser.retireTimer);
    parser.child.removeAllListeners("exit");
    hold(parser, true);
    return parser;
  }

  function giveBack(parser: ParserProcess): void {
    parser.served += 1;
    const forget = () => {
      const at = idle.indexOf(parser);
      if (at >= 0) idle.splice(at, 1);
    };
    if (parser.served >= mostServed || readMemory(parser.child) > retireAboveBytes) {
      stop(parser);
      return;
    }
    idle.push(parser);
    parser.child.once("exit", forget);
    parser.retireTimer = setTimeout(() => {
      forget();
      stop(parser);
    }, idleMs).unref();
    hold(parser, false);
  }

  return {
    async run(request, options) {
      await takeTurn(options.signal);
      try {
        const parser = take();
        const document = await parseIn(parser, request, options);
        giveBack(parser);
        return document;
      } finally {
        passTurn();
      }
    },
  };
}

function start(): ParserProcess {
  const script = path.join(/* turbopackIgnore: true */ process.cwd(), "lib/ingestion/parse-worker.ts");
  const child = fork(/* turbopackIgnore: true */ script, [], {
    execPath: process.execPath,
    // It may read and compute: no writing, no native code, no other processes.
    execArgv: [
      "--permission",
      "--allow-fs-read=*",
      "--allow-worker",
      "--disallow-code-generation-from-strings",
      `--max-old-space-size=${heapMegabytes}`,
    ],
    // Our secrets are not its business.
    env: { NODE_ENV: "production" },
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const parser: ParserProcess = { child, served: 0, stderr: "" };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    parser.stderr = (parser.stderr + text).slice(-keptStderr);
  });
  // Whoever waits for an answer listens himself; an idle process may fail unheard.
  child.on("error", () => {});
  return parser;
}

function hold({ child }: ParserProcess, held: boolean): void {
  for (const part of [child, child.channel, child.stderr as Socket | null]) {
    if (held) part?.ref();
    else part?.unref();
  }
}

function stop({ child }: ParserProcess): void {
  child.kill("SIGKILL");
}

/** One document in one process. Whatever goes wrong, the process is not used again. */
async function parseIn(parser: ParserProcess, request: ParseRequest, options: RunOptions): Promise<ParsedDocument> {
  const { child } = parser;
  const { promise, resolve, reject } = Promise.withResolvers<ParsedDocument>();
  const onMessage = (reply: ParseReply) => {
    if (reply.type === "progress") options.onProgress?.(reply.progress);
    if (reply.type === "done") resolve(reply.document);
    if (reply.type === "failed")
      reject(new Failure(reply.code, { detail: reply.detail, cause: new Error(reply.reason) }));
  };
  const onExit = (code: number | null, signal: NodeJS.Signals | null) => reject(explainExit(parser, code, signal));
  // It did not start, or cannot be written to.
  const onError = (cause: Error) => reject(new Failure("internal", { cause }));
  const onAbort = () => reject(options.signal?.reason);
  const timer = setTimeout(() => reject(takesTooLong(request.limits.wallMs)), request.limits.wallMs);
  const poll = setInterval(() => {
    if (readMemory(child) > request.limits.memoryBytes) reject(takesTooMuchMemory());
  }, memoryPollMs);
  child.on("message", onMessage).once("exit", onExit).once("error", onError);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  child.send(request);
  try {
    return await promise;
  } catch (thrown) {
    stop(parser);
    throw thrown;
  } finally {
    clearTimeout(timer);
    clearInterval(poll);
    child.off("message", onMessage).off("exit", onExit).off("error", onError);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** Resident bytes of a process, 0 where the system has no such file. The heap's own limit does not see buffers. */
function readMemory({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function takesTooLong(wallMs: number): Failure {
  return new Failure("file_too_complex", {
    detail: `Reading the file took longer than ${Math.round(wallMs / 1000)} seconds and was stopped.`,
  });
}

function takesTooMuchMemory(cause?: Error): Failure {
  return new Failure("file_too_complex", {
    detail: "Reading the file took more memory than is allowed and was stopped.",
    cause,
  });
}

/** An end that we did not order. */
function explainExit({ stderr }: ParserProcess, code: number | null, signal: NodeJS.Signals | null): Failure {
  const cause = new Error(`The parser ended with ${signal ?? `code ${code}`}. ${stderr}`);
  if (/heap out of memory|Allocation failed/i.test(stderr) || signal === "SIGABRT") return takesTooMuchMemory(cause);
  // Killed from outside, or it did not start: not the document's fault, so another try can help.
  if (signal === "SIGKILL" || code !== null) return new Failure("internal", { cause });
  return new Failure("file_corrupt", { cause });
}
