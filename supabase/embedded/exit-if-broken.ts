import { logNotice } from "./log.ts";

/**
 * Ends the process when an error says that the database engine itself is broken, which it stays: after a stack overflow every
 * later statement fails too. What was acknowledged is on disk, so a new start is the remedy.
 */
export function exitIfBroken(error: unknown): void {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const overflowed = code === "XX000" && String(message).includes("ERRORDATA_STACK_SIZE");
  if (!overflowed && !(error instanceof WebAssembly.RuntimeError)) return;
  logNotice("the database engine has failed and must be started again");
  process.exit(1);
}
