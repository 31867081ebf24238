type Level = "info" | "warn" | "error";
type Fields = Record<string, unknown>;

/** One JSON line on stdout (info) or stderr (warn, error). Never give it document text, keys or vectors. */
function write(level: Level, message: string, fields: Fields = {}): void {
  const line = JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }, serializeError);
  if (level === "info") console.log(line);
  else console.error(line);
}

function serializeError(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}

export const log = {
  info: (message: string, fields?: Fields) => write("info", message, fields),
  warn: (message: string, fields?: Fields) => write("warn", message, fields),
  error: (message: string, fields?: Fields) => write("error", message, fields),
};
