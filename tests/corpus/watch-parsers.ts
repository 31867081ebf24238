import { readFileSync, writeFileSync } from "node:fs";

/** A process that is stopped for its memory is gone before it can be asked, so it is asked all along. */
const pollMs = 20;

/** Watches the processes that parse for us; the call that ends it returns the most that one of them held. */
export function watchParsers(): () => number {
  let peakBytes = 0;
  const look = () => {
    for (const pid of findParsers()) peakBytes = Math.max(peakBytes, readPeak(pid));
  };
  for (const pid of findParsers()) forgetPeak(pid);
  const timer = setInterval(look, pollMs);
  return () => {
    clearInterval(timer);
    look();
    return peakBytes;
  };
}

/** The ids of the processes that parse for us. */
export function findParsers(): string[] {
  const children = read(`/proc/self/task/${process.pid}/children`).trim().split(" ");
  return children.filter((pid) => pid !== "" && read(`/proc/${pid}/cmdline`).includes("parse-worker"));
}

function readPeak(pid: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** Processes read file after file. What 5 means: proc(5), clear_refs. */
function forgetPeak(pid: string): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // It has just ended.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not Linux, or the process has just ended.
    return "";
  }
}
