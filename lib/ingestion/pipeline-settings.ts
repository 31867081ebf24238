import type { Env } from "#lib/env.ts";
import type { PipelineSettings } from "#lib/ingestion/schema.ts";

/** Raised when a parser or the chunker begins to answer otherwise for the same bytes. */
const parserVersion = "4";
const chunkerVersion = "3";

/** The settings that a job begun now works by. */
export function pipelineSettings(env: Env): PipelineSettings {
  return {
    parser: parserVersion,
    chunker: chunkerVersion,
    chunkTokens: env.CHUNK_TOKENS,
    chunkOverlapTokens: env.CHUNK_OVERLAP_TOKENS,
    model: env.EMBEDDING_MODEL,
    dimensions: env.EMBEDDING_DIMENSIONS,
    ocrLanguages: env.OCR_LANGUAGES === "off" ? "" : env.OCR_LANGUAGES,
  };
}
