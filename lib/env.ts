import { z } from "zod";

const text = z.string().min(1);

/** Every variable that the app reads; `.env.example` tells what each is for. */
const envSchema = z.object({
  SUPABASE_URL: z.url(),
  SUPABASE_PUBLISHABLE_KEY: text,
  SUPABASE_SECRET_KEY: text,
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: z.url().default("https://api.openai.com/v1"),
  EMBEDDING_MODEL: text.default("text-embedding-3-small"),
  EMBEDDING_DIMENSIONS: z.coerce.number().int().min(1).max(512).default(512),
  EMBEDDING_BATCH_CHUNKS: z.coerce.number().int().min(1).max(2048).default(128),
  EMBEDDING_CONCURRENCY: z.coerce.number().int().min(1).default(32),
  EMBEDDING_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).optional(),
  EMBEDDING_TOKENS_PER_MINUTE: z.coerce.number().int().min(1).optional(),
  EMBEDDING_TIMEOUT_SECONDS: z.coerce
    .number()
    .min(1)
    .max(300, "can be at most 300, for after five minutes without an answer Node ends a request by itself")
    .default(120),
  OWNER_CONCURRENCY: z.coerce.number().int().min(1).default(16),
  JOB_LEASE_SECONDS: z.coerce.number().int().min(1).default(300),
  JOB_RECOVERIES: z.coerce.number().int().min(0).default(3),
  ROLLBACK_HOURS: z.coerce.number().min(0).default(24),
  OPERATOR_TOKEN: text.optional(),
  MAX_FILE_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(50 * 1024 * 1024),
  OCR_LANGUAGES: z
    .string()
    .regex(
      /^(off|[a-z]{3}(_[a-z]+)?(\+[a-z]{3}(_[a-z]+)?)*)$/,
      "names languages as Tesseract does (eng+deu), or is off",
    )
    .default("eng"),
  CHUNK_TOKENS: z.coerce.number().int().min(32).max(8000).default(400),
  CHUNK_OVERLAP_TOKENS: z.coerce.number().int().min(0).default(50),
});

export type Env = z.infer<typeof envSchema>;

let cached: Env | undefined;

/** The app's settings. Throws one sentence that names every variable that is missing or wrong. */
export function readEnv(): Env {
  if (cached) return cached;
  const parsed = envSchema.safeParse(dropEmpty(process.env));
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment is not complete. ${names.join("; ")}. See .env.example.`);
  }
  cached = parsed.data;
  return cached;
}

const providerSchema = envSchema.pick({
  OPENAI_API_KEY: true,
  OPENAI_BASE_URL: true,
  EMBEDDING_MODEL: true,
  EMBEDDING_DIMENSIONS: true,
});

/** What of an environment names the embeddings provider; null when it is not complete. */
export function readProviderEnv(source: Record<string, string | undefined>): z.infer<typeof providerSchema> | null {
  return providerSchema.safeParse(dropEmpty(source)).data ?? null;
}

function dropEmpty(source: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(source).filter((entry): entry is [string, string] => !!entry[1]));
}
