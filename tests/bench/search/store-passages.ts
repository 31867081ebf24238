import { createHash, randomUUID } from "node:crypto";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";
import type { Passage } from "./make-passages.ts";

const settings = { model: "bench", dimensions: 512 };
const rowsPerCall = 250;

/** Stores and publishes a document of `passages` by the functions that ingestion calls; answers the ids of its passages. */
export async function storePassages(supabase: Supabase, ownerId: string, passages: Passage[]): Promise<string[]> {
  const id = randomUUID();
  const document = {
    id,
    title: "Bench",
    titleGiven: true,
    fileName: "bench.md",
    mediaType: "text/markdown",
    sizeBytes: 1,
    sha256: createHash("sha256").update(id).digest("hex"),
    storageKey: `${ownerId}/${id}`,
  };
  const register = { p_owner_id: ownerId, p_document: document, p_settings: settings };
  unwrap(await supabase.rpc("register_document", register));
  const [queued] = unwrap(await supabase.from("ingestion_jobs").select("id").eq("document_id", id));
  if (!queued) throw new Error("The document has no job.");
  const run = { p_document_id: id, p_job_id: queued.id, p_event_id: id, p_run_id: id, p_settings: settings };
  unwrap(await supabase.rpc("start_job", run));
  const job = { p_job_id: queued.id, p_attempt: 1 };
  unwrap(await supabase.rpc("record_progress", { ...job, p_progress: { chunksTotal: passages.length } }));
  const rows = passages.map(toRow);
  for (let start = 0; start < rows.length; start += rowsPerCall) {
    const batch = { p_chunks: rows.slice(start, start + rowsPerCall), p_tokens: 0, p_requests: 0 };
    unwrap(await supabase.rpc("store_chunks", { ...job, ...batch }));
  }
  unwrap(await supabase.rpc("publish_job", job));
  return rows.map((row) => row.id);
}

function toRow({ content, vector }: Passage, ordinal: number) {
  return {
    id: randomUUID(),
    ordinal,
    content,
    heading_path: [],
    page_from: null,
    page_to: null,
    char_from: ordinal,
    char_to: ordinal + 1,
    token_count: 100,
    content_hash: randomUUID(),
    embedding: encodeVector(vector),
  };
}
