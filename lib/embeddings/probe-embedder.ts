import type { Embedder } from "#lib/embeddings/create-embedder.ts";
import { asFailure, type Failure } from "#lib/errors.ts";

/** What is wrong with the provider or the settings for it, by embedding one word; null when all is well. */
export async function probeEmbedder(embedder: Embedder): Promise<Failure | null> {
  try {
    await embedder.embedQuery("probe");
    return null;
  } catch (thrown) {
    return asFailure(thrown);
  }
}
