import { createEmbedder } from "#lib/embeddings/create-embedder.ts";
import { probeEmbedder } from "#lib/embeddings/probe-embedder.ts";
import { readProviderEnv } from "#lib/env.ts";
import { viewFailure } from "#lib/errors.ts";
import type { Environment } from "./plan-stack.ts";

/** A provider that is away may be back when it is needed. */
const patienceMs = 10_000;

/** Embeds one word by the provider that the environment names. Throws when its vectors do not fit the settings; else only says what is wrong. */
export async function probeProvider(env: Environment, print: (line: string) => void): Promise<void> {
  const settings = readProviderEnv(env);
  // The app itself names what is missing.
  if (!settings) return;
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, EMBEDDING_MODEL: model } = settings;
  const dimensions = settings.EMBEDDING_DIMENSIONS;
  const failure = await probeEmbedder(createEmbedder({ apiKey, baseUrl, model, dimensions, timeoutMs: patienceMs }));
  if (!failure) return;
  const { message, action } = viewFailure(failure);
  if (failure.code === "embedding_dimension_mismatch") throw new Error(`Cannot start: ${message}`);
  print(`  embeddings: ${message} ${action}`);
}
