import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Stack, stackSchema } from "./schema.ts";

/** What the launcher on this data folder wrote last, or null. */
export function readStackFile(dataDir: string): Stack | null {
  const path = join(dataDir, "stack.json");
  if (!existsSync(path)) return null;
  return stackSchema.safeParse(JSON.parse(readFileSync(path, "utf8"))).data ?? null;
}

/** Replaces `stack.json` as a whole; only its owner may read it, for it holds keys. */
export function writeStackFile(dataDir: string, stack: Stack): void {
  const path = join(dataDir, "stack.json");
  writeFileSync(`${path}.new`, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
