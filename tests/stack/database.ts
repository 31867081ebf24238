import type { Stack } from "#lib/stack/schema.ts";
import { createServiceClient, type Supabase } from "#lib/supabase/clients.ts";

/** The stack's database as the service sees it: rows that no user may read. */
export function openDatabase(stack: Stack): Supabase {
  return createServiceClient({ SUPABASE_URL: stack.supabaseUrl, SUPABASE_SECRET_KEY: stack.secretKey });
}

/** How many rows of a table have `value` in `column`. */
export async function countRows(
  database: Supabase,
  table: "documents" | "ingestion_jobs" | "chunks" | "embedding_cache" | "ingestion_events",
  column: "owner_id" | "document_id" | "id" | "job_id",
  value: string,
): Promise<number> {
  const { count, error } = await database
    .from(table)
    .select("*", { count: "exact", head: true })
    .eq(column as never, value as never);
  if (error) throw new Error(error.message);
  return count ?? 0;
}

/** Every object under a folder of a bucket, as `folder/name`. */
export async function listObjects(database: Supabase, bucket: string, folder: string): Promise<string[]> {
  const { data, error } = await database.storage.from(bucket).list(folder);
  if (error) throw error;
  const nested = data.map(async (entry) =>
    entry.id === null ? await listObjects(database, bucket, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
  return (await Promise.all(nested)).flat();
}

/** Forgets what the embeddings provider was found to allow, and every pause that it asked for. */
export async function forgetPace(database: Supabase): Promise<void> {
  const { error } = await database.from("embedding_pace").delete().neq("model", "");
  if (error) throw new Error(error.message);
}
