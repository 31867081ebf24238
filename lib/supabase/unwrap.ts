import { Failure } from "#lib/errors.ts";

interface Answer<T> {
  data: T;
  error: { message: string; code?: string; details?: string } | null;
  status?: number;
}

/** The data of a supabase-js answer. Throws `database_unavailable` when nobody answered, `internal` when the statement was refused. */
export function unwrap<T>(answer: Answer<T>): NonNullable<T> | Extract<T, null> {
  if (!answer.error) return answer.data as NonNullable<T> | Extract<T, null>;
  const { message, code, details } = answer.error;
  const refused = Boolean(code) && (answer.status ?? 500) < 500;
  throw new Failure(refused ? "internal" : "database_unavailable", {
    cause: new Error(`${code ?? "no code"}: ${message}${details ? ` (${details})` : ""}`),
  });
}
