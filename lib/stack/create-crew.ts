import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Environment } from "./plan-stack.ts";
import { killGroup, stopGroup } from "./processes.ts";
import type { Guard } from "./start-guard.ts";

const graceMs = 5_000;
const keptLines = 20;
const lastLinesMs = 1_000;

export interface Command {
  name: string;
  file: string;
  args: string[];
  env: Environment;
}

type ReadyLine = Record<string, unknown>;

interface Part {
  name: string;
  pid: number;
  /** The exit code (null after a signal), and how it ended in words, with the last lines that were not printed yet. */
  ended: Promise<{ code: number | null; message: string }>;
  readyLine: Promise<ReadyLine>;
}

interface CrewOptions {
  cwd: string;
  logsDir: string;
  verbose: boolean;
  guard: Guard;
  print: (line: string) => void;
}

export interface Crew {
  /** Starts a part that serves until the stack is stopped. Answers with the line of JSON by which it says that it serves. */
  start: (command: Command) => Promise<ReadyLine>;
  /** Runs a command to its end; throws when it fails. */
  run: (command: Command) => Promise<void>;
  /** Rejects when a part ends though nobody stopped it. */
  died: Promise<never>;
  pids: () => Record<string, number>;
  /** Ends every part, the last started first. */
  stop: () => Promise<void>;
  killAll: () => void;
}

/** Starts parts as processes of their own groups, keeps their output in log files, and ends them. */
export function createCrew(options: CrewOptions): Crew {
  const { guard } = options;
  const running = new Map<number, Part>();
  const { promise: died, reject: reportDeath } = Promise.withResolvers<never>();
  // Whoever waits for the stack sees it; before anybody waits it must not count as unhandled.
  died.catch(() => undefined);
  guard.exited.then(() => reportDeath(new Error("The guard process ended; without it no part could be ended safely.")));
  let stopping = false;

  const launch = (command: Command): Part => {
    if (stopping) throw new Error("The stack is being stopped.");
    const part = launchPart(command, options, () => stopping);
    guard.watch(part.pid);
    running.set(part.pid, part);
    part.ended.then(() => {
      running.delete(part.pid);
      guard.forget(part.pid);
    });
    return part;
  };

  return {
    start: (command) => {
      const part = launch(command);
      part.ended.then(({ message }) => {
        if (!stopping) reportDeath(new Error(message));
      });
      return part.readyLine;
    },
    run: async (command) => {
      const { code, message } = await launch(command).ended;
      if (code !== 0) throw new Error(message);
    },
    died,
    pids: () => Object.fromEntries([...running.values()].map(({ name, pid }) => [name, pid])),
    stop: async () => {
      stopping = true;
      for (const { pid, ended } of [...running.values()].toReversed()) {
        await stopGroup(pid, graceMs);
        await ended;
      }
    },
    killAll: () => {
      stopping = true;
      for (const pid of running.keys()) killGroup(pid);
    },
  };
}

function launchPart({ name, file, args, env }: Command, options: CrewOptions, isStopping: () => boolean): Part {
  const { cwd } = options;
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid === undefined) throw new Error(`${name} cannot be started: ${file} does not run.`);
  const log = createWriteStream(rotateLog(options.logsDir, name), { mode: 0o600 });
  const lastLines: string[] = [];
  const ready = Promise.withResolvers<ReadyLine>();

  const follow = (stream: Readable, loud: boolean) => {
    createInterface({ input: stream }).on("line", (line) => {
      log.write(`${line}\n`);
      if (loud && !isStopping()) options.print(`${name}: ${line}`);
      else lastLines.push(line);
      if (lastLines.length > keptLines) lastLines.shift();
      const readyLine = parseReadyLine(line);
      if (readyLine) ready.resolve(readyLine);
    });
  };
  follow(child.stdout, options.verbose);
  follow(child.stderr, true);

  const ended = once(child, "exit").then(async () => {
    // The last lines come after the exit; a stray process that holds the pipe open must not hold us up.
    if (!child.stdout.closed || !child.stderr.closed) await Promise.race([once(child, "close"), delay(lastLinesMs)]);
    log.end();
    const { exitCode, signalCode } = child;
    const how = signalCode ? `was ended by ${signalCode}` : `ended with code ${exitCode}`;
    const output = lastLines.map((line) => `\n  ${line}`).join("");
    return { code: exitCode, message: `${name} ${how}.${output && ` Its last lines were:${output}`}` };
  });
  return { name, pid: child.pid, ended, readyLine: ready.promise };
}

function rotateLog(logsDir: string, name: string): string {
  mkdirSync(logsDir, { recursive: true, mode: 0o700 });
  const path = join(logsDir, `${name}.log`);
  if (existsSync(path)) renameSync(path, join(logsDir, `${name}.previous.log`));
  return path;
}

function parseReadyLine(line: string): ReadyLine | null {
  if (!line.startsWith("{")) return null;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null && "ready" in parsed && parsed.ready === true
      ? { ...parsed }
      : null;
  } catch {
    return null;
  }
}
