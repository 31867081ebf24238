import { setTimeout as wait } from "node:timers/promises";
import type { Stack } from "#lib/stack/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";
import { openDatabase } from "#tests/stack/database.ts";
import { createOwner } from "#tests/stack/owner.ts";
import type { Outcome } from "./schema.ts";

interface ProductOutcome extends Outcome {
  /** Until the first passage was stored; not a number where nobody looked. */
  firstMs: number;
}

const uploadsAtOnce = 8;
/** Each look costs the database some milliseconds that the work has not; when a job has ended it tells by itself. */
const lookMs = 1000;
const firstLookMs = 40;

/**
 * Ingests files as a user does: each is uploaded to the API; then the workflow does the rest. When a first passage is there is looked for
 * only where it is asked, for it keeps the database from the work.
 */
export async function runProduct(stack: Stack, files: File[], { looksForFirst = false } = {}): Promise<ProductOutcome> {
  const owner = await createOwner(stack);
  const database = openDatabase(stack);
  const start = Date.now();
  const queue = [...files];
  const uploading = Array.from({ length: uploadsAtOnce }, async () => {
    for (let file = queue.shift(); file; file = queue.shift()) await owner.upload(file);
  });
  const watching = looksForFirst ? watchFirst(database, owner.userId) : Number.NaN;
  await Promise.all(uploading);
  const jobs = await awaitJobs(database, owner.userId, files.length);
  const ends = jobs.map((job) => Date.parse(job.finished_at ?? ""));
  return {
    totalMs: Math.max(...ends) - start,
    firstMs: (await watching) - start,
    documents: jobs.map((job) => ({ chunks: job.chunks_total ?? 0, requests: job.embed_requests })),
  };
}

/** When the owner had a passage. */
async function watchFirst(database: Supabase, ownerId: string): Promise<number> {
  for (;;) {
    const rows = unwrap(await database.from("chunks").select("id").eq("owner_id", ownerId).limit(1));
    if (rows.length > 0) return Date.now();
    await wait(firstLookMs);
  }
}

async function awaitJobs(database: Supabase, ownerId: string, count: number) {
  for (;;) {
    const jobs = unwrap(
      await database
        .from("ingestion_jobs")
        .select("status, finished_at, chunks_total, embed_requests")
        .eq("owner_id", ownerId)
        .eq("status", "ready"),
    );
    if (jobs.length === count) return jobs;
    await wait(lookMs);
  }
}
