import { asFailure } from "#lib/errors.ts";
import { dropLeftOvers } from "#lib/ingestion/drop-left-overs.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";

/**
 * Runs what a stage does. Where it finds at its end that the job was stopped meanwhile, it takes away what it has just written: whoever
 * stopped the job has tidied up before.
 */
export async function dropWhenEnded<T>(
  { supabase }: { supabase: Supabase },
  work: JobWork,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    if (asFailure(thrown).code === "job_superseded") await dropLeftOvers({ supabase }, work);
    throw thrown;
  }
}
