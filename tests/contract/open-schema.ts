import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { applyMigrations } from "#supabase/embedded/apply-migrations.ts";
import { createBaseSchema } from "#supabase/embedded/create-base-schema.ts";
import { openDatabase } from "#supabase/embedded/open-database.ts";

const settings = { model: "test-model", dimensions: 512 };

export interface Schema {
  query: <Row = Record<string, unknown>>(sql: string, parameters?: unknown[]) => Promise<Row[]>;
  /** Runs as a signed-in user, under row level security. */
  as: <T>(userId: string, run: () => Promise<T>) => Promise<T>;
  /** Runs as the service does: past row level security, but owner of nothing. */
  asService: <T>(run: () => Promise<T>) => Promise<T>;
  close: () => Promise<void>;
}

/** The product's schema in a database in memory, without any server before it. */
export async function openSchema(): Promise<Schema> {
  const connection = await openDatabase(undefined);
  const database = connection.driver;
  await createBaseSchema(database);
  await applyMigrations(database, resolve(import.meta.dirname, "../../supabase/migrations"));
  return {
    query: async <Row>(sql: string, parameters: unknown[] = []) => (await database.query<Row>(sql, parameters)).rows,
    as: async (userId, run) => {
      const claims = JSON.stringify({ sub: userId, role: "authenticated" });
      await database.query("select set_config('request.jwt.claims', $1, false)", [claims]);
      await database.exec("set role authenticated");
      try {
        return await run();
      } finally {
        await database.exec("reset role; reset request.jwt.claims");
      }
    },
    asService: async (run) => {
      await database.exec("set role service_role");
      try {
        return await run();
      } finally {
        await database.exec("reset role");
      }
    },
    close: () => connection.close(),
  };
}

export async function addOwner({ query }: Schema): Promise<string> {
  const id = randomUUID();
  await query("insert into auth.users (id, email) values ($1, $2)", [id, `${id}@example.com`]);
  return id;
}

export async function register({ query }: Schema, ownerId: string, sha256 = randomHash()) {
  const id = randomUUID();
  const document = {
    id,
    title: "report",
    titleGiven: false,
    fileName: "report.pdf",
    mediaType: "application/pdf",
    sizeBytes: 10,
    sha256,
    storageKey: `${ownerId}/${id}/source`,
  };
  const [row] = await query<{ document_id: string; duplicate: boolean }>(
    "select * from public.register_document($1, $2, $3)",
    [ownerId, document, settings],
  );
  if (!row) throw new Error("register_document answered with no row");
  const [job] = await query<{ id: string }>(
    "select id from public.ingestion_jobs where document_id = $1 order by number desc limit 1",
    [row.document_id],
  );
  return { documentId: row.document_id, duplicate: row.duplicate, jobId: job?.id ?? "" };
}

/** Takes the job up as a run; answers its attempt, or null when there is nothing to take up. */
export async function start({ query }: Schema, documentId: string, jobId: string | null, runId: string) {
  const rows = await query<{ job_id: string; attempt: number }>("select * from public.start_job($1, $2, $3, $4, $5)", [
    documentId,
    jobId,
    `event-of-${runId}`,
    runId,
    settings,
  ]);
  return rows[0] ? { jobId: rows[0].job_id, attempt: rows[0].attempt } : null;
}

/** Rows as `store_chunks` takes them; `vectorOf` gives the integers of each vector, or null for the cache's. */
export function makeChunks(from: number, count: number, vectorOf: (ordinal: number) => number[] | null) {
  return Array.from({ length: count }, (_, index) => {
    const ordinal = from + index;
    const vector = vectorOf(ordinal);
    return {
      id: randomUUID(),
      ordinal,
      content: `Passage number ${ordinal}`,
      heading_path: ["Heading"],
      page_from: 1,
      page_to: 1,
      char_from: ordinal * 10,
      char_to: ordinal * 10 + 9,
      token_count: 4,
      content_hash: `hash-${ordinal}`,
      embedding: vector && `[${vector.join(",")}]`,
    };
  });
}

/** A vector that differs for each seed, the same for the same one, as integers. */
export function makeVector(seed: number): number[] {
  let state = (seed + 1) * 2654435761;
  return Array.from({ length: 512 }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state % 2_000_001) - 1_000_000;
  });
}

export function randomHash(): string {
  return (randomUUID() + randomUUID()).replaceAll("-", "");
}
