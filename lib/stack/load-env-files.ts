import { existsSync } from "node:fs";
import { join } from "node:path";

/** Reads what Next would read, in its order; a variable that is set already is kept. */
export function loadEnvFiles(root: string, nodeEnv: string): void {
  for (const name of [`.env.${nodeEnv}.local`, ".env.local", `.env.${nodeEnv}`, ".env"]) {
    const path = join(root, name);
    if (existsSync(path)) process.loadEnvFile(path);
  }
}
