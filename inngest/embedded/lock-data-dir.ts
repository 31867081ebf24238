import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Keeps a second engine out of the data directory until this process ends, however it ends: the kernel drops the lock. */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const holder = new DatabaseSync(join(dataDir, "lock.sqlite"), { timeout: 0 });
  try {
    holder.exec("begin exclusive");
  } catch (cause) {
    holder.close();
    throw new Error(`the data directory ${dataDir} is in use by another engine`, { cause });
  }
  return () => holder.close();
}
