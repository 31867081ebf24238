import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BootedStack, bootStack as boot } from "#lib/stack/boot-stack.ts";
import { isAlive, killGroup } from "#lib/stack/processes.ts";
import type { Stack } from "#lib/stack/schema.ts";

export interface OwnStack extends BootedStack {
  json: Stack;
  dataDir: string;
  /** Ends the launcher, its guard and every part with SIGKILL at once: nobody gets a chance to tidy up. */
  kill9All: () => Promise<void>;
}

/** A whole stack of its own on free ports, in `dir` (else a new folder). `env` is added to the launcher's. */
export async function bootOwnStack(options: { dir?: string; env?: Record<string, string> } = {}): Promise<OwnStack> {
  const dataDir = options.dir ?? (await makeDataDir());
  const booted = await boot({ dataDir, ...(options.env && { env: options.env }) }).catch(async (thrown: unknown) => {
    if (!options.dir) await removeDataDir(dataDir);
    throw thrown;
  });
  return {
    ...booted,
    json: booted.stack,
    dataDir,
    kill9All: async () => {
      const { launcher, guard, ...parts } = booted.stack.pids;
      // The guard first: it would end the parts in order.
      for (const pid of [guard, launcher]) if (pid && isAlive(pid)) process.kill(pid, "SIGKILL");
      for (const pid of Object.values(parts)) killGroup(pid);
      await booted.exited;
    },
  };
}

export async function makeDataDir(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "knowledgebase-test-"));
}

export async function removeDataDir(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
