import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;

/** Asks a part to end, and ends it and all that it started when it has not after `graceMs`. */
export async function stopGroup(pid: number, graceMs: number): Promise<void> {
  send(pid, "SIGTERM");
  const deadline = Date.now() + graceMs;
  while (isAlive(pid) && Date.now() < deadline) await delay(pollMs);
  killGroup(pid);
  while (isAlive(pid) && Date.now() < deadline + graceMs) await delay(pollMs);
}

/** Ends a part and all that it started, at once. */
export function killGroup(pid: number): void {
  send(-pid, "SIGKILL");
}

/** Whether a process runs. One that has ended, but that nobody has waited for, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (thrown) {
    const gone = thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH";
    // macOS answers EPERM for a group whose last member is ending.
    const ending =
      process.platform === "darwin" && thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
    if (!gone && !ending) throw thrown;
  }
}
