import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { availableParallelism, constants, setPriority } from "node:os";
import path from "node:path";
import { Failure } from "#lib/errors.ts";
import type { ParseReply, ParseTask, ParseTasks } from "#lib/ingestion/parse-protocol.ts";
import type { ParserContext } from "#lib/ingestion/parser.ts";

interface LeaseOptions {
  /** Stops the process at once; what was asked of it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The most that the process may hold. */
  memoryBytes: number;
}

/** Asks a process for something and waits for it at most `wallMs`. Throws what the parser throws, and `file_too_complex` when it is stopped. */
export type AskParser = <T extends ParseTask>(
  task: T,
  request: ParseTasks[T]["request"],
  wallMs: number,
  onWindow?: ParserContext["onWindow"],
) => Promise<ParseTasks[T]["answer"]>;

export interface ParserPool {
  /** How many processes work at once. */
  concurrency: number;
  /** Gives a process for as long as `work` takes; waits for a free one first. When `work` throws, the process is not used again. */
  lease<T>(options: LeaseOptions, work: (ask: AskParser) => Promise<T>): Promise<T>;
}

interface PoolSettings {
  /** How many processes work at once; as many as there are processors when left out. */
  concurrency?: number;
  /** Whether they may load native code, which drawing needs. */
  native?: boolean;
}

interface ParserProcess {
  child: ChildProcess;
  served: number;
  stderr: string;
  retireTimer?: NodeJS.Timeout;
}

/** A start costs 0.2 s with what it loads, so a process reads document after document; it is let go before what piles up in it matters. */
const mostServed = 1_000;
const idleMs = 120_000;
const retireAboveBytes = 300 * 1024 * 1024;
const heapMegabytes = 768;
const youngMegabytes = 16;
const memoryPollMs = 100;
const keptStderr = 4_000;

/** Processes that parse, kept for two minutes when idle, never keeping ours alive. */
export function createParserPool({
  concurrency = availableParallelism(),
  native = false,
}: PoolSettings = {}): ParserPool {
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
    const parser = idle.pop() ?? start(native);
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
    concurrency,
    async lease(options, work) {
      await takeTurn(options.signal);
      try {
        const parser = take();
        try {
          const result = await work((task, request, wallMs, onWindow) =>
            ask(parser, { task, request, wallMs, onWindow, ...options }),
          );
          giveBack(parser);
          return result;
        } catch (thrown) {
          stop(parser);
          throw thrown;
        }
      } finally {
        passTurn();
      }
    },
  };
}

function start(native: boolean): ParserProcess {
  const script = path.join(/* turbopackIgnore: true */ process.cwd(), "lib/ingestion/parse-worker.ts");
  const child = fork(/* turbopackIgnore: true */ script, [], {
    execPath: process.execPath,
    // It may read and compute: no writing, no other processes.
    execArgv: [
      "--permission",
      "--allow-fs-read=*",
      "--allow-worker",
      ...(native ? ["--allow-addons"] : []),
      "--disallow-code-generation-from-strings",
      `--max-old-space-size=${heapMegabytes}`,
      // Else what is soon forgotten piles up to 100 MB before it is collected; with twice this, a long PDF takes a twentieth less time and 15 MB more.
      `--max-semi-space-size=${youngMegabytes}`,
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
  // They give way to what somebody waits for.
  if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
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

interface Question<T extends ParseTask> extends LeaseOptions {
  task: T;
  request: ParseTasks[T]["request"];
  wallMs: number;
  onWindow: ParserContext["onWindow"];
}

async function ask<T extends ParseTask>(
  parser: ParserProcess,
  { task, request, wallMs, memoryBytes, signal, onWindow }: Question<T>,
): Promise<ParseTasks[T]["answer"]> {
  signal?.throwIfAborted();
  const { child } = parser;
  // It reads ahead while nobody waits for an answer.
  if (child.exitCode !== null || child.signalCode) throw explainExit(parser, child.exitCode, child.signalCode);
  const { promise, resolve, reject } = Promise.withResolvers<ParseTasks[T]["answer"]>();
  const onMessage = (reply: ParseReply) => {
    if (reply.type === "window") onWindow?.(reply.window, reply.end);
    else if (reply.type === "done") resolve(reply.answer as ParseTasks[T]["answer"]);
    else reject(new Failure(reply.code, { detail: reply.detail, cause: new Error(reply.reason) }));
  };
  const onExit = (code: number | null, killedBy: NodeJS.Signals | null) => reject(explainExit(parser, code, killedBy));
  // It did not start, or cannot be written to.
  const onError = (cause: Error) => reject(new Failure("internal", { cause }));
  const onAbort = () => reject(signal?.reason);
  const timer = setTimeout(() => reject(takesTooLong(wallMs)), wallMs);
  const poll = setInterval(() => {
    if (readMemory(child) > memoryBytes) reject(takesTooMuchMemory());
  }, memoryPollMs);
  child.on("message", onMessage).once("exit", onExit).once("error", onError);
  signal?.addEventListener("abort", onAbort, { once: true });
  child.send({ task, request });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    clearInterval(poll);
    child.off("message", onMessage).off("exit", onExit).off("error", onError);
    signal?.removeEventListener("abort", onAbort);
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
