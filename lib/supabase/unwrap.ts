import { Failure } from "#lib/errors.ts";

interface Refusal {
  message: string;
  code?: string;
  details?: string;
}

interface Answer {
  data: unknown;
  error: Refusal | null;
  status?: number;
}

/** The data of a supabase-js answer. Throws `database_unavailable` when nobody answered, `internal` when the statement was refused. */
export function unwrap<A extends Answer>(answer: A): Extract<A, { error: null }>["data"] {
  if (!answer.error) return answer.data as Extract<A, { error: null }>["data"];
  const { message, code, details } = answer.error;
  const refused = Boolean(code) && (answer.status ?? 500) < 500;
  throw new Failure(refused ? "internal" : "database_unavailable", {
    cause: new Error(`${code || "no code"}: ${message}${details ? ` (${details})` : ""}`),
  });
}
