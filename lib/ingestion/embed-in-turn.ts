import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import type { Embedded, Embedder } from "#lib/embeddings/create-embedder.ts";
import type { Env } from "#lib/env.ts";
import { asFailure, Failure } from "#lib/errors.ts";
import { beginStage } from "#lib/ingestion/begin-stage.ts";
import type { JobRef } from "#lib/ingestion/schema.ts";
import { longestPauseMs } from "#lib/ingestion/step-limits.ts";
import { log } from "#lib/log.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

/**
 * A turn that is nearer is waited for here, in the place that the engine has given: so nobody else's documents pile up before those
 * of another owner. For one that is further away the job rests, and gives its place up.
 */
export const longestWaitSeconds = 60;
/** After a refusal for the sake of limits that tells no time. */
const shortPauseSeconds = 5;
/** Long enough for what is in work to end unasked, short enough for who has added quota and tries again. */
const quotaPauseSeconds = 15;
/** From here on a wait is shown, and the job is looked at again after it. */
const notedSeconds = 1;

interface Deps {
  supabase: Supabase;
  embedder: Embedder;
  env: Pick<Env, "EMBEDDING_REQUESTS_PER_MINUTE" | "EMBEDDING_TOKENS_PER_MINUTE">;
}

/** When the provider may be asked, as `take_embedding_turn` gives it out. */
export type Turn = z.infer<typeof turnSchema>;

export const turnSchema = z.object({
  wait_seconds: z.number(),
  turn_seconds: z.number(),
  is_taken: z.boolean(),
  code: z.string().nullable(),
  after_pause: z.string().nullable(),
});

/** A turn that is too far away to be waited for: in how many seconds it may come, and how many it is long. */
export interface FarTurn {
  waitSeconds: number;
  turnSeconds: number;
}

/**
 * Asks the provider when it is this request's turn, by the one pace of all documents, and answers with the vectors, or with a turn that is
 * too far away. What the provider refuses for a time, nobody asks again before that. Throws what `embedDocuments` throws, and
 * `job_superseded`.
 */
export async function embedInTurn(
  deps: Deps,
  job: JobRef,
  { texts, signal, ...asked }: Asked & { texts: string[]; signal: AbortSignal | undefined },
): Promise<Embedded | FarTurn> {
  const far = await awaitTurn(deps, job, asked);
  if (far) return far;
  try {
    const embedded = await deps.embedder.embedDocuments(texts, signal);
    if (embedded.stopped) await noteRefusal(deps, job, embedded.stopped.failure);
    return embedded;
  } catch (thrown) {
    await noteRefusal(deps, job, asFailure(thrown));
    throw thrown;
  }
}

interface Asked {
  tokens: number;
  patienceSeconds: number;
  /** The turn that was given out for it. */
  turn: Turn;
}

async function awaitTurn(deps: Deps, job: JobRef, { turn: first, ...asked }: Asked): Promise<FarTurn | null> {
  const { supabase, embedder } = deps;
  for (let turn = first; ; turn = await askForTurn(deps, asked)) {
    if (turn.code === "embedding_quota_exceeded") throw new Failure(turn.code);
    const seconds = turn.wait_seconds;
    if (!turn.is_taken) return { waitSeconds: seconds, turnSeconds: turn.turn_seconds };
    if (seconds === 0) return null;
    if (seconds >= notedSeconds) await rest(supabase, job, seconds);
    await wait(seconds * 1000);
    if (seconds >= notedSeconds) await beginStage(supabase, job, "embed");
    const given = { p_model: embedder.model, p_after_pause: turn.after_pause as string };
    if (unwrap(await supabase.rpc("embedding_turn_stands", given))) return null;
  }
}

async function askForTurn(deps: Deps, { tokens, patienceSeconds }: Omit<Asked, "turn">): Promise<Turn> {
  const asked = { p_tokens: tokens, ...paceOf(deps, patienceSeconds) };
  return turnSchema.parse(unwrap(await deps.supabase.rpc("take_embedding_turn", asked))[0]);
}

/** The pace that turns are given out by, none that is further away than so many seconds, as the database asks for it. */
export function paceOf({ embedder, env }: Omit<Deps, "supabase">, patienceSeconds: number) {
  return {
    p_model: embedder.model,
    // The generated types do not know that a null is welcome here.
    p_requests_per_minute: (env.EMBEDDING_REQUESTS_PER_MINUTE ?? null) as number,
    p_tokens_per_minute: (env.EMBEDDING_TOKENS_PER_MINUTE ?? null) as number,
    p_longest_wait: patienceSeconds,
  };
}

async function noteRefusal({ supabase, embedder }: Deps, job: JobRef, failure: Failure): Promise<void> {
  const { code, retryAfterMs } = failure;
  const asked = Math.min(retryAfterMs ?? 0, longestPauseMs) / 1000;
  const seconds = code === "embedding_quota_exceeded" ? quotaPauseSeconds : asked;
  if (retryAfterMs) await rest(supabase, job, seconds);
  if (seconds === 0 && code !== "embedding_rate_limited") return;
  const { requestsPerMinute, tokensPerMinute } = embedder.readLimits();
  const isNews = unwrap(
    await supabase.rpc("pause_embedding", {
      p_model: embedder.model,
      p_seconds: seconds || shortPauseSeconds,
      p_code: code,
      p_requests_per_minute: requestsPerMinute as number,
      p_tokens_per_minute: tokensPerMinute as number,
    }),
  );
  if (!isNews) return;
  const { model } = embedder;
  if (code === "embedding_quota_exceeded")
    log.error("embedding stopped: no quota is left", { code, model, cause: failure });
  else log.warn("the embeddings provider asked for a pause", { code, model, seconds, cause: failure });
}

/** A pause that the provider asked for is no lack of life. */
async function rest(supabase: Supabase, { jobId, attempt }: JobRef, seconds: number): Promise<void> {
  unwrap(await supabase.rpc("rest_job", { p_job_id: jobId, p_attempt: attempt, p_seconds: seconds }));
}
