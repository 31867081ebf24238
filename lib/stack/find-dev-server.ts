import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The path of the Inngest Dev Server, when the optional `inngest-cli` is installed and its binary runs; else null. */
export function findDevServer(root: string): string | null {
  for (const name of ["inngest-cli", "inngest"]) {
    const path = join(root, "node_modules", ".bin", name);
    // npm leaves the wrapper behind when the download of the binary failed: only running it tells.
    if (existsSync(path) && spawnSync(path, ["version"], { timeout: 10_000, stdio: "ignore" }).status === 0)
      return path;
  }
  return null;
}
