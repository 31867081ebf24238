import { createHash, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PQueue from "p-queue";
import { createEmbedder } from "#lib/embeddings/create-embedder.ts";
import { encodeVector } from "#lib/embeddings/encode-vector.ts";
import { createChunker } from "#lib/ingestion/create-chunker.ts";
import { createBatchPacker } from "#lib/ingestion/pack-batches.ts";
import { parseInWindows } from "#lib/ingestion/parse-document.ts";
import type { Chunk, MediaType } from "#lib/ingestion/schema.ts";
import { describeChunk, storeChunks, toRecord } from "#lib/ingestion/store-chunks.ts";
import { createMemoryStore } from "#lib/ingestion/work-store.ts";
import type { Stack } from "#lib/stack/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";
import { openDatabase } from "#tests/stack/database.ts";
import { createOwner } from "#tests/stack/owner.ts";
import type { Outcome } from "./schema.ts";

const documentsAtOnce = 16;
const requestsAtOnce = 16;
const batchChunks = 128;
const settings = { chunkTokens: 400, chunkOverlapTokens: 50, model: "text-embedding-3-small", dimensions: 512 };

/**
 * The best that we can write without durability: one process that streams each file through the product's own parser and chunker, has
 * sixteen requests to the provider under way, and stores what is answered while others are waited for. What fails is lost.
 */
export async function runDirect(stack: Stack, files: File[]): Promise<Outcome> {
  const { userId } = await createOwner(stack);
  const folder = await mkdtemp(join(tmpdir(), "knowledgebase-bench-"));
  const documents: Outcome["documents"] = [];
  const pipeline = createPipeline(stack);
  const start = performance.now();
  const queue = [...files];
  try {
    await Promise.all(
      Array.from({ length: documentsAtOnce }, async () => {
        for (let file = queue.shift(); file; file = queue.shift()) {
          documents.push(await pipeline(file, userId, join(folder, randomUUID())));
        }
      }),
    );
    return { totalMs: performance.now() - start, documents };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function createPipeline(stack: Stack) {
  const database = openDatabase(stack);
  const embedder = createEmbedder({
    apiKey: stack.env.OPENAI_API_KEY ?? "",
    baseUrl: stack.env.OPENAI_BASE_URL ?? "",
    model: settings.model,
    dimensions: settings.dimensions,
  });
  const requests = new PQueue({ concurrency: requestsAtOnce });

  async function embed(jobId: string, batch: Chunk[]): Promise<void> {
    const rows = batch.map(describeChunk);
    const { vectors } = await requests.add(() => embedder.embedDocuments(rows.map(({ input }) => input)));
    const vectorOf = (index: number) => encodeVector(vectors[index] ?? new Float32Array());
    const records = rows.map((row, index) => toRecord(row, jobId, vectorOf(index)));
    await storeChunks(database, { jobId, attempt: 0 }, { records });
  }

  return async (file: File, ownerId: string, path: string) => {
    const bytes = Buffer.from(await file.arrayBuffer());
    const mediaType: MediaType = file.name.endsWith(".pdf") ? "application/pdf" : "text/markdown";
    const ids = { documentId: randomUUID(), jobId: randomUUID() };
    const [chunker, packer] = [createChunker(settings), createBatchPacker(batchChunks)];
    const embedding: Promise<void>[] = [];
    let chunks = 0;
    const plan = (batches: Chunk[][]) => {
      for (const batch of batches) {
        chunks += batch.length;
        embedding.push(embed(ids.jobId, batch));
      }
    };
    await Promise.all([
      writeFile(path, bytes),
      register(database, { ...ids, ownerId, file, mediaType, sha256: hash(bytes), bytes }),
    ]);
    const onText = async (window: Parameters<typeof chunker.add>[0]) => plan(packer.add(await chunker.add(window)));
    const store = createMemoryStore();
    await parseInWindows({ path, fileName: file.name, mediaType }, { store, onText });
    plan([...packer.add(await chunker.finish()), ...packer.finish()]);
    await Promise.all(embedding);
    const published = { status: "ready", active_job_id: ids.jobId };
    unwrap(await database.from("documents").update(published).eq("id", ids.documentId).select("id"));
    return { chunks, requests: embedding.length };
  };
}

interface Registered {
  documentId: string;
  jobId: string;
  ownerId: string;
  file: File;
  mediaType: MediaType;
  sha256: string;
  bytes: Buffer;
}

async function register(database: Supabase, input: Registered): Promise<void> {
  const { documentId, jobId, ownerId, file, mediaType, sha256, bytes } = input;
  const key = `${ownerId}/${documentId}/source`;
  const document = { id: documentId, owner_id: ownerId, title: file.name, file_name: file.name, media_type: mediaType };
  const rest = { size_bytes: bytes.length, sha256, storage_key: key, status: "processing" };
  const stored = database.storage.from("documents").upload(key, bytes, { contentType: mediaType });
  unwrap(
    await database
      .from("documents")
      .insert({ ...document, ...rest })
      .select("id"),
  );
  const job = { id: jobId, document_id: documentId, owner_id: ownerId, number: 1, reason: "upload", event_id: jobId };
  unwrap(
    await database
      .from("ingestion_jobs")
      .insert({ ...job, status: "processing", settings })
      .select("id"),
  );
  const { error } = await stored;
  if (error) throw error;
}

function hash(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
