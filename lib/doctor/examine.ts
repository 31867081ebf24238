import { type Examination, examinationSchema, type FindingName, findingNames } from "#lib/doctor/schema.ts";
import { orphanSeconds } from "#lib/documents/orphan-seconds.ts";
import type { Env } from "#lib/env.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const explanations: Record<FindingName, { meaning: string; remedy: string }> = {
  stalled_jobs: {
    meaning: "jobs in work without a sign of life",
    remedy: "asks for each again, or ends it with `stalled`",
  },
  unsent_events: { meaning: "events that were not sent for two minutes", remedy: "sends them" },
  documents_without_job: { meaning: "documents in work by their status, with no job", remedy: "queues them again" },
  incomplete_indexes: {
    meaning: "served indexes with another number of passages than planned",
    remedy: "queues them again",
  },
  mismatched_models: {
    meaning: "served indexes by another model or dimension than the configured one",
    remedy: "queues them again, which embeds them anew; the old index serves until then",
  },
  orphaned_chunks: { meaning: "passages that nobody will read any more", remedy: "removes them" },
  orphaned_objects: { meaning: "objects that belong to nothing", remedy: "removes them" },
  forgotten_uploads: {
    meaning: "granted uploads that expired unregistered",
    remedy: "makes a document of what arrived, and forgets the rest",
  },
  unremoved_documents: { meaning: "deleted documents whose rows are still there", remedy: "removes them" },
};

/** Looks at everything that may be wrong; changes nothing. `supabase` acts as the service. */
export async function examine({ supabase, env }: { supabase: Supabase; env: Env }): Promise<Examination> {
  const [found, inventory] = await Promise.all([
    supabase.rpc("examine_knowledgebase", {
      p_lease_seconds: env.JOB_LEASE_SECONDS,
      p_owner_limit: env.OWNER_CONCURRENCY,
      p_total_limit: env.EMBEDDING_CONCURRENCY,
      p_orphan_seconds: orphanSeconds,
      p_model: env.EMBEDDING_MODEL,
      p_dimensions: env.EMBEDDING_DIMENSIONS,
    }),
    supabase.rpc("describe_knowledgebase"),
  ]);
  const rows = new Map(unwrap(found).map((row) => [row.finding, row]));
  const findings = findingNames.map((name) => ({
    name,
    count: rows.get(name)?.found ?? 0,
    samples: rows.get(name)?.samples ?? [],
    ...explanations[name],
  }));
  return examinationSchema.parse({
    isHealthy: findings.every(({ count }) => count === 0),
    findings,
    inventory: unwrap(inventory),
  });
}
