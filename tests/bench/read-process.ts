import { readFileSync } from "node:fs";

/** Of the kernel's clock. */
const tickMs = 10;

/** What a process has used of the processors so far, in milliseconds. */
export function readProcessorMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
