import { createEmbedder, type Embedder } from "#lib/embeddings/create-embedder.ts";
import { type Env, readEnv } from "#lib/env.ts";
import { checkOcrLanguages } from "#lib/ingestion/check-ocr-languages.ts";
import { createServiceClient, type Supabase } from "#lib/supabase/clients.ts";

/** What the routes and the workflow work with. `supabase` acts as the service. */
export interface Deps {
  env: Env;
  supabase: Supabase;
  embedder: Embedder;
}

let made: Deps | undefined;

/** The real dependencies, from the environment: the same ones for the whole process. */
export function createDeps(): Deps {
  made ??= makeDeps();
  return made;
}

function makeDeps(): Deps {
  const env = readEnv();
  checkOcrLanguages(env.OCR_LANGUAGES);
  return {
    env,
    supabase: createServiceClient(env),
    embedder: createEmbedder({
      apiKey: env.OPENAI_API_KEY,
      baseUrl: env.OPENAI_BASE_URL,
      model: env.EMBEDDING_MODEL,
      dimensions: env.EMBEDDING_DIMENSIONS,
      timeoutMs: env.EMBEDDING_TIMEOUT_SECONDS * 1000,
    }),
  };
}
