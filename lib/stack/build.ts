import { existsSync, type Stats, statSync, utimesSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const sources = ["app", "inngest", "lib", "public", "proxy.ts", "next.config.ts", "package.json", "package-lock.json"];
/** Folders whose files are programs beside the app: nothing in the build comes from them. */
const notInBuild = new Set(["embedded", "stack"]);
const buildId = join(".next", "BUILD_ID");

/** Whether the app must be built: there is no build, or a source is newer than it. */
export async function isBuildStale(root: string): Promise<boolean> {
  const path = join(root, buildId);
  if (!existsSync(path)) return true;
  const builtAtMs = statSync(path).mtimeMs;
  for (const source of sources) {
    const sourcePath = join(root, source);
    if (existsSync(sourcePath) && (await newestMs(sourcePath, statSync(sourcePath))) > builtAtMs) return true;
  }
  return false;
}

/** Dates a build by its beginning: a source that was changed while it ran is newer than it. */
export function dateBuild(root: string, startedAt: Date): void {
  utimesSync(join(root, buildId), startedAt, startedAt);
}

async function newestMs(path: string, stats: Stats): Promise<number> {
  if (!stats.isDirectory()) return stats.mtimeMs;
  // A folder's own time tells of a file that was removed from it.
  let newest = stats.mtimeMs;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory() && notInBuild.has(entry.name)) continue;
    const entryPath = join(path, entry.name);
    newest = Math.max(newest, await newestMs(entryPath, statSync(entryPath)));
  }
  return newest;
}
