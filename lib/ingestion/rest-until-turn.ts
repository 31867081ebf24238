import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import { Failure } from "#lib/errors.ts";
import type { FarTurn } from "#lib/ingestion/embed-in-turn.ts";
import type { JobRef } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * Has a job rest until it is to ask for its turn again, and answers in how many seconds that is: each job is told a time of its own. It
 * does not look dead until then. Throws `job_superseded`. Safe to repeat.
 */
export async function restUntilTurn(
  { supabase, embedder }: { supabase: Supabase; embedder: Pick<Embedder, "model"> },
  { jobId, attempt }: JobRef,
  { waitSeconds, turnSeconds }: FarTurn,
): Promise<{ seconds: number }> {
  const seconds: number | null = unwrap(
    await supabase.rpc("rest_until_turn", {
      p_job_id: jobId,
      p_attempt: attempt,
      p_model: embedder.model,
      p_seconds: waitSeconds,
      p_turn_seconds: turnSeconds,
    }),
  );
  if (seconds === null) throw new Failure("job_superseded");
  return { seconds: Math.max(Math.ceil(seconds), 1) };
}
