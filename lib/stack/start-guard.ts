import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Guard {
  pid: number;
  exited: Promise<unknown>;
  watch: (pid: number) => void;
  forget: (pid: number) => void;
  /** Ends the guard, and with it the hold on the data folder. */
  release: () => Promise<void>;
}

/** Takes the data folder for this launcher, or answers with the pid of the launcher that has it. */
export async function startGuard(dataDir: string): Promise<Guard | { holder: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "guard.ts")], {
    cwd: dataDir,
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const line = await Promise.race([once(createInterface({ input: child.stdout }), "line"), exited.then(() => null)]);
  if (line === null || child.pid === undefined) throw new Error(`The folder ${dataDir} cannot be locked.`);
  const answer: { locked: boolean; holder: number | null } = JSON.parse(String(line[0]));
  if (answer.holder !== null) {
    await exited;
    return { holder: answer.holder };
  }
  // A guard that has died is told by `exited`; a write to it must not end the launcher before the parts are stopped.
  child.stdin.on("error", () => undefined);
  return {
    pid: child.pid,
    exited,
    watch: (pid) => child.stdin.write(`+${pid}\n`),
    forget: (pid) => child.stdin.write(`-${pid}\n`),
    release: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
  };
}
