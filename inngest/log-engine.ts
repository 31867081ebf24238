import { asFailure } from "#lib/errors.ts";
import { log } from "#lib/log.ts";
import { logFailure } from "#lib/log-failure.ts";

type Say = (...told: unknown[]) => void;

/** What the library logs, as lines of JSON like all else; what a step threw, by its code. */
export const engineLog: Record<"debug" | "info" | "warn" | "error", Say> = {
  debug: () => undefined,
  info: (...told) => log.info(...read(told)),
  warn: (...told) => log.warn(...read(told)),
  error: (...told) => {
    const [message, fields] = read(told);
    if (fields.err === undefined) log.error(message, fields);
    else logFailure(message, asFailure(fields.err));
  },
};

/** The library gives fields and then a message, or a message alone. */
function read(told: unknown[]): [message: string, fields: Record<string, unknown>] {
  const [first, second] = told;
  if (typeof first !== "object" || first === null) return [String(first), {}];
  return [typeof second === "string" ? second : "the workflow library tells", { ...first }];
}
