import { setTimeout as wait } from "node:timers/promises";
import type { Stack } from "#lib/stack/schema.ts";
import { openDatabase } from "#tests/stack/database.ts";
import { createOwner } from "#tests/stack/owner.ts";
import type { Outcome } from "./schema.ts";

interface ProductOutcome extends Outcome {
  /** Until the first passage was stored. */
  firstMs: number;
}

const uploadsAtOnce = 8;
/** Each look costs the database some milliseconds that the work has not. */
const pollMs = 100;

/** Ingests files as a user does: each is uploaded to the API; then the workflow does the rest. */
export async function runProduct(stack: Stack, files: File[]): Promise<ProductOutcome> {
  const owner = await createOwner(stack);
  const database = openDatabase(stack);
  const start = performance.now();
  const queue = [...files];
  const uploading = Array.from({ length: uploadsAtOnce }, async () => {
    for (let file = queue.shift(); file; file = queue.shift()) await owner.upload(file);
  });
  let firstMs = 0;
  const watching = (async () => {
    while (firstMs === 0) {
      const { data } = await database.from("chunks").select("id").eq("owner_id", owner.userId).limit(1);
      if (data && data.length > 0) firstMs = performance.now() - start;
      await wait(pollMs);
    }
  })();
  await Promise.all(uploading);
  for (;;) {
    const { data } = await database
      .from("documents")
      .select("id")
      .eq("owner_id", owner.userId)
      .neq("status", "ready")
      .limit(1);
    if (data?.length === 0) break;
    await wait(pollMs);
  }
  const totalMs = performance.now() - start;
  await watching;
  const { data: jobs } = await database
    .from("ingestion_jobs")
    .select("chunks_total, embed_requests")
    .eq("owner_id", owner.userId);
  return {
    totalMs,
    firstMs,
    documents: (jobs ?? []).map((job) => ({ chunks: job.chunks_total ?? 0, requests: job.embed_requests })),
  };
}
