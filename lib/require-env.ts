import { readEnv } from "#lib/env.ts";
import { log } from "#lib/log.ts";

/** Ends the process when a setting is missing. Next itself only logs what is thrown at its start, and serves on. */
export function requireEnv(): void {
  try {
    readEnv();
  } catch (thrown) {
    log.error(thrown instanceof Error ? thrown.message : String(thrown));
    process.exit(1);
  }
}
