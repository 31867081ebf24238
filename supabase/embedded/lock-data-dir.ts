import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Keeps every other process out of the data directory until this one ends, however it ends: the kernel drops the file
 * lock. PGlite has no lock of its own, and two of them in one directory silently lose what was acknowledged
 * (https://github.com/electric-sql/pglite/issues/1106).
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const holder = new DatabaseSync(join(dataDir, "lock.sqlite"), { timeout: 0 });
  try {
    holder.exec("begin exclusive");
  } catch (cause) {
    holder.close();
    throw new Error(`the data directory ${dataDir} is in use by another process`, { cause });
  }
  return () => holder.close();
}
