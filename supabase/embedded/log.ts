/**
 * One line on stderr about something that went wrong. It never has the message of a database error, nor a statement or its
 * parameters: they hold what users wrote.
 */
export function logError(where: string, error: unknown): void {
  const { name, code, table, constraint, routine } = (error ?? {}) as Record<string, unknown>;
  const fromDatabase = typeof code === "string" && /^[0-9A-Z]{5}$/.test(code);
  const message = error instanceof Error && !fromDatabase && name !== "Error" ? error.message : undefined;
  write({ level: "error", where, name, code, table, constraint, routine, message, at: firstFrame(error) });
}

/** One line on stderr about something worth knowing. */
export function logNotice(message: string): void {
  write({ level: "notice", message });
}

/** Keeps what libraries print off stdout, which has the ready line only, and keeps statements and parameters out of it. */
export function redactConsole(): void {
  const say = (...values: unknown[]) => {
    for (const value of values) if (value instanceof Error) logError("library", value);
  };
  for (const method of ["log", "info", "debug", "warn", "error"] as const) console[method] = say;
}

function firstFrame(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack
    ?.split("\n")
    .find((line) => line.startsWith("    at "))
    ?.trim();
}

function write(line: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
}
