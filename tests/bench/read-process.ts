import { readdirSync, readFileSync } from "node:fs";

/** Of the kernel's clock. */
const tickMs = 10;

/** What a process has used of the processors so far, in milliseconds. */
export function readProcessorMs(pid: number | undefined): number {
  const fields = readStat(String(pid));
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

const pageBytes = 4096;
const lookMs = 50;

/** Watches what a process and those that it has started hold together; `stop` answers the most that was seen, in bytes. */
export function watchMemory(pid: number | undefined): { stop: () => number } {
  let most = 0;
  const look = () => {
    const bytes = listFamily(String(pid)).reduce((sum, member) => sum + readMemoryBytes(member), 0);
    most = Math.max(most, bytes);
  };
  const timer = setInterval(look, lookMs);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return most;
    },
  };
}

function listFamily(pid: string): string[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((child) => ({ child, parent: readStat(child)[1] }));
  const family = [pid];
  for (const member of family)
    family.push(...parents.filter(({ parent }) => parent === member).map(({ child }) => child));
  return family;
}

function readMemoryBytes(pid: string): number {
  return Number(readStat(pid)[21] ?? 0) * pageBytes;
}

/** What the kernel tells of a process, from its state on; nothing of one that has ended. */
function readStat(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  } catch {
    return [];
  }
}
