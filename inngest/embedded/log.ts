/** Writes one line to stderr; stdout belongs to the ready line. */
export type Log = (level: "info" | "warn" | "error", message: string, details?: Record<string, unknown>) => void;

export function createLog(write: (line: string) => void = (line) => process.stderr.write(line)): Log {
  return (level, message, details) => {
    const tail = details ? ` ${JSON.stringify(details)}` : "";
    write(`inngest engine: ${level}: ${message}${tail}\n`);
  };
}
