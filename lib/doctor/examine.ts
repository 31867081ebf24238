import { type Examination, examinationSchema, type FindingName, findingNames } from "#lib/doctor/schema.ts";
import { orphanSeconds } from "#lib/documents/orphan-seconds.ts";
import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import { probeEmbedder } from "#lib/embeddings/probe-embedder.ts";
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
  embeddings_provider: {
    meaning: "a request to the embeddings provider that was not answered as the settings say",
    remedy: "cannot help here: the sentence above says what to do",
  },
  unremoved_documents: { meaning: "deleted documents whose rows are still there", remedy: "removes them" },
};

interface Deps {
  supabase: Supabase;
  env: Env;
  embedder: Embedder;
}

/** Looks at everything that may be wrong; changes nothing, and embeds one word. `supabase` acts as the service. */
export async function examine({ supabase, env, embedder }: Deps): Promise<Examination> {
  const [wrong, found, inventory] = await Promise.all([
    probeEmbedder(embedder),
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
  const rows = new Map<string, { found: number; samples: string[] }>(unwrap(found).map((row) => [row.finding, row]));
  if (wrong) rows.set("embeddings_provider", { found: 1, samples: [wrong.detail] });
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
