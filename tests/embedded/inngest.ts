import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findFreePort } from "#lib/stack/ports.ts";

const program = resolve(import.meta.dirname, "../../inngest/embedded/main.ts");
const bootDeadlineMs = 30_000;

export interface EngineOptions {
  /** The apps to sync with; none when they register by themselves. */
  sdkUrl?: string | string[];
  /** Kept by `stop` when given; otherwise a new one, which `stop` removes. */
  dataDir?: string;
  port?: number;
  /** Seconds before every retry. */
  retryInterval?: number;
  /** Milliseconds between two looks at the queue. */
  tick?: number;
  /** Further flags of the program. */
  args?: string[];
  /** Flags of Node itself. */
  nodeArgs?: string[];
}

export interface EmbeddedEngine {
  url: string;
  dataDir: string;
  process: ChildProcess;
  /** What the engine has written to stderr. */
  log(): string;
  stop(): Promise<void>;
  /** Ends the process as a crash would, and keeps its state. */
  kill9(): Promise<void>;
}

/** Starts the embedded engine as a process of its own and waits until it listens. */
export async function startEmbeddedEngine(options: EngineOptions = {}): Promise<EmbeddedEngine> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "inngest-engine-"));
  // Tests start it again on the port that it had.
  const port = options.port ?? (await findFreePort("127.0.0.1"));
  const args = [...(options.nodeArgs ?? []), program, "--port", String(port), "--data-dir", dataDir];
  for (const url of [options.sdkUrl ?? []].flat()) args.push("--sdk-url", url);
  if (options.retryInterval !== undefined) args.push("--retry-interval", String(options.retryInterval));
  if (options.tick !== undefined) args.push("--tick", String(options.tick));
  const child = spawn(process.execPath, [...args, ...(options.args ?? [])], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const forget = () => {
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  const url = await readUrl(child, () => log).catch((error: unknown) => {
    forget();
    throw error;
  });

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  return {
    url,
    dataDir,
    process: child,
    log: () => log,
    stop: async () => {
      await end("SIGTERM");
      forget();
    },
    kill9: () => end("SIGKILL"),
  };
}

function readUrl(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolveUrl, reject) => {
    const fail = (why: string) => {
      child.kill("SIGKILL");
      reject(new Error(`The engine ${why}. ${log()}`));
    };
    const deadline = setTimeout(() => fail("did not come up in time"), bootDeadlineMs);
    child.once("exit", (code) => {
      clearTimeout(deadline);
      fail(`ended with code ${code}`);
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const line = output.split("\n").find((candidate) => candidate.includes('"ready":true'));
      if (!line) return;
      clearTimeout(deadline);
      resolveUrl((JSON.parse(line) as { url: string }).url);
    });
  });
}
