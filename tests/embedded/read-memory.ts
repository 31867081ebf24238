import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { EmbeddedEngine } from "./inngest.ts";

export interface Memory {
  /** What the process occupies, garbage included. */
  residentBytes: number;
  /** What is left on the heap and beside it after a collection. */
  keptBytes: number;
}

/** Node's flags for an engine whose memory is to be read. */
export const memoryFlags = [
  "--expose-gc",
  `--import=${pathToFileURL(join(import.meta.dirname, "report-memory.ts")).href}`,
];

/** The memory of an engine that was started with `memoryFlags`, once no run is under way. */
export async function readMemory(engine: EmbeddedEngine): Promise<Memory> {
  for (let isBusy = true; isBusy; await pause(20)) {
    const response = await fetch(`${engine.url}/api/v2/runs?status=queued,running&limit=1`);
    isBusy = ((await response.json()) as { data: unknown[] }).data.length > 0;
  }
  const { stderr } = engine.process;
  const before = engine.log().length;
  return new Promise((resolve) => {
    const look = () => {
      const line = /^memory (.*)\n/m.exec(engine.log().slice(before))?.[1];
      if (line === undefined) return;
      stderr?.off("data", look);
      resolve(JSON.parse(line) as Memory);
    };
    stderr?.on("data", look);
    engine.process.kill("SIGUSR2");
  });
}
