import type { Supabase } from "#lib/supabase/clients.ts";

/** The passages of a document that are stored, of whichever job, in their order. */
export async function readPassages(database: Supabase, documentId: string) {
  const { data, error } = await database
    .from("chunks")
    .select("id, job_id, ordinal, content, heading_path, content_hash")
    .eq("document_id", documentId)
    .order("ordinal");
  if (error) throw new Error(error.message);
  return data;
}

/** The jobs of a document, the oldest first. */
export async function readJobs(database: Supabase, documentId: string) {
  const { data, error } = await database
    .from("ingestion_jobs")
    .select("id, status, attempt, settings")
    .eq("document_id", documentId)
    .order("number");
  if (error) throw new Error(error.message);
  return data;
}

/**
 * How near each stored vector of a document is to the vector of its own text, and to that of the likest other text, by the cosine.
 * The provider is asked for them, so it must be well, and what it counts rises.
 */
export async function compareVectors(database: Supabase, documentId: string, embeddingsUrl: string) {
  const { data, error } = await database
    .from("chunks")
    .select("content, heading_path, embedding")
    .eq("document_id", documentId);
  if (error) throw new Error(error.message);
  const inputs = data.map(({ content, heading_path: path }) =>
    path.length === 0 ? content : `${path.join(" > ")}\n\n${content}`,
  );
  const response = await fetch(`${embeddingsUrl}/embeddings`, {
    method: "POST",
    headers: { authorization: "Bearer embedded", "content-type": "application/json" },
    body: JSON.stringify({ model: "embedded-lexical", input: inputs, dimensions: 512 }),
  });
  const wanted = ((await response.json()) as { data: { embedding: number[] }[] }).data.map(
    ({ embedding }) => embedding,
  );
  return data.map(({ embedding }, index) => {
    const stored = JSON.parse(embedding as unknown as string) as number[];
    const likeness = wanted.map((vector) => cosine(stored, vector));
    return { own: likeness[index] ?? 0, other: Math.max(...likeness.filter((_, at) => at !== index)) };
  });
}

function cosine(a: number[], b: number[]): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
