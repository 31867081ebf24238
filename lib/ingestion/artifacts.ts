import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Supabase } from "#lib/supabase/clients.ts";
import { downloadObject } from "#lib/supabase/download-object.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";

const bucket = "ingestion";
const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Writes what a stage hands to the next one. Writing it again replaces it. */
export async function writeArtifact(supabase: Supabase, key: string, value: unknown): Promise<void> {
  const body = await compress(JSON.stringify(value), { level: 1 });
  const { error } = await supabase.storage
    .from(bucket)
    .upload(key, body, { contentType: "application/gzip", upsert: true });
  if (error) throw storageFailure(error);
}

/** Reads what a stage of the same job wrote. */
export async function readArtifact<T>(supabase: Supabase, key: string): Promise<T> {
  const data = await downloadObject(supabase, bucket, key);
  return JSON.parse((await decompress(await data.arrayBuffer())).toString()) as T;
}
