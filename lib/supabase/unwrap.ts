import { Failure } from "#lib/errors.ts";

interface Refusal {
  message: string;
  code?: string;
  details?: string;
}

type Answer<T> = { data: T; error: null; status?: number } | { data: null; error: Refusal; status?: number };

/** The data of a supabase-js answer. Throws `database_unavailable` when nobody answered, `internal` when the statement was refused. */
export function unwrap<T>(answer: Answer<T>): T {
  if (!answer.error) return answer.data;
  const { message, code, details } = answer.error;
  const refused = Boolean(code) && (answer.status ?? 500) < 500;
  throw new Failure(refused ? "internal" : "database_unavailable", {
    cause: new Error(`${code || "no code"}: ${message}${details ? ` (${details})` : ""}`),
  });
}
