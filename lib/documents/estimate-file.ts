import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectFile } from "#lib/documents/inspect-file.ts";
import type { Estimate } from "#lib/documents/schema.ts";
import { pricedAt, priceUsd } from "#lib/embeddings/prices.ts";
import type { Env } from "#lib/env.ts";
import { asFailure, Failure } from "#lib/errors.ts";
import { chunkDocument } from "#lib/ingestion/chunk-document.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import { type Chunk, isPaged } from "#lib/ingestion/schema.ts";

/** Somebody waits for the answer. */
const patienceMs = 60_000;

interface Input {
  fileName: string;
  bytes: Uint8Array;
  /** Ends the reading; the call then throws the signal's reason. */
  signal: AbortSignal;
}

/**
 * Reads and cuts a file as ingestion would, without looking into images, and tells what embedding it costs when nothing of it is
 * in the cache. Stores nothing. Throws what refuses an upload, and what a parser throws.
 */
export async function estimateFile({ env }: { env: Env }, { fileName, bytes, signal }: Input): Promise<Estimate> {
  const { mediaType } = inspectFile({ fileName, bytes, maxBytes: env.MAX_FILE_BYTES });
  const folder = await mkdtemp(join(tmpdir(), "knowledgebase-estimate-"));
  try {
    const path = join(folder, "source");
    await writeFile(path, bytes);
    const parsed = await parseDocument({ path, fileName, mediaType }, { signal: AbortSignal.any([signal, late()]) });
    const chunks = await chunkDocument(parsed, pipelineSettings(env));
    return { pages: parsed.pages.length, ...count(chunks, env.EMBEDDING_MODEL) };
  } catch (thrown) {
    // Scans and images: what recognition finds in them is not known before.
    if (asFailure(thrown).code === "text_missing" && isPaged(mediaType))
      return { pages: 0, ...count([], env.EMBEDDING_MODEL) };
    throw thrown;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function count(chunks: Chunk[], model: string): Omit<Estimate, "pages"> {
  const tokens = chunks.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
  return { chunks: chunks.length, tokens, model, priceUsd: priceUsd(model, tokens), pricedAt };
}

/** A signal for those who wait too long, in the words of the failure that it ends with. */
function late(): AbortSignal {
  const abort = new AbortController();
  const detail = `Reading the file takes more than ${patienceMs / 1000} seconds, so its cost is not estimated.`;
  setTimeout(() => abort.abort(new Failure("file_too_complex", { detail })), patienceMs).unref();
  return abort.signal;
}
