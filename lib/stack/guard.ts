import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive, stopGroup } from "./processes.ts";

// Runs beside the launcher, in the data folder, and outlives it: it holds the folder's lock, is told by stdin which parts
// run ("+pid", "-pid"), and ends them when stdin closes, which it does however the launcher ends. A SQLite lock is the
// kernel's, so it is free again after any death.
const graceMs = 5_000;
const handoverMs = 30_000;
const pidFile = "launcher.pid";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const lock = new DatabaseSync("stack.lock", { timeout: 0 });
const holder = await takeLock();
if (holder === null) writeFileSync(pidFile, String(process.ppid));
console.log(JSON.stringify({ locked: holder === null, holder }));
if (holder === null) await watch();
lock.close();

/** Waits for a guard that is still ending its parts; answers with the launcher that is alive and has the folder, or null. */
async function takeLock(): Promise<number | null> {
  const deadline = Date.now() + handoverMs;
  for (;;) {
    try {
      lock.exec("begin exclusive");
      return null;
    } catch (thrown) {
      const holderPid = readHolder();
      if (holderPid !== null && isAlive(holderPid)) return holderPid;
      if (Date.now() > deadline) throw thrown;
    }
    await delay(100);
  }
}

function readHolder(): number | null {
  try {
    return Number(readFileSync(pidFile, "utf8")) || null;
  } catch {
    return null;
  }
}

async function watch(): Promise<void> {
  const pids = new Set<number>();
  for await (const line of createInterface({ input: process.stdin })) {
    const pid = Number(line);
    if (pid > 0) pids.add(pid);
    else pids.delete(-pid);
  }
  for (const pid of [...pids].toReversed()) await stopGroup(pid, graceMs);
}
