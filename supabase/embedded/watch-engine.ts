import type { PGlite } from "@electric-sql/pglite";
import { logNotice } from "./log.ts";

/**
 * Ends the process once the database engine itself is broken, as it is after an overflow of the stack: PGlite answers the
 * statement with nothing at all, not even its command, and the next one never ends. What was acknowledged is on disk, so a
 * new start is the remedy.
 */
export function watchEngine(database: PGlite): void {
  const query = database.query.bind(database);
  Object.assign(database, {
    query: async (...given: Parameters<PGlite["query"]>) => {
      const result = await query(...given);
      if (result.command === undefined && given[0].trim() !== "") giveUp();
      return result;
    },
  });
}

/** Ends the process when an error says the same. */
export function exitIfBroken(error: unknown): void {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const overflowed = code === "XX000" && String(message).includes("ERRORDATA_STACK_SIZE");
  if (overflowed || error instanceof WebAssembly.RuntimeError) giveUp();
}

function giveUp(): never {
  logNotice("the database engine has failed and must be started again");
  process.exit(1);
}
