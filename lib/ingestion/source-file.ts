import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "#lib/errors.ts";
import { recentUploads } from "#lib/ingestion/recent-uploads.ts";
import { isPaged, type JobWork } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { downloadObject } from "#lib/supabase/download-object.ts";
import { storageFailure } from "#lib/supabase/storage-failure.ts";

/** What is no larger is held in memory by the stage that reads it: that costs less than a copy. */
const smallBytes = 1024 * 1024;
/** An older copy belongs to a job that was stopped, or whose worker died, between two stages. */
const oldestCopyMs = 60 * 60_000;

/** Whether a job's original is fetched by the stage that reads it, without a copy: pages are read of a file. */
export function isSmall({ sizeBytes, mediaType }: Pick<JobWork, "sizeBytes" | "mediaType">): boolean {
  return sizeBytes <= smallBytes && !isPaged(mediaType);
}

/** A small original's bytes, checked against its hash; fetched, if it was not taken in here a moment ago. Throws `source_missing`, `storage_unavailable`. */
export async function fetchSmall(supabase: Supabase, { jobId, storageKey, sha256 }: JobWork): Promise<Uint8Array> {
  const recent = recentUploads.take(jobId);
  if (recent) return recent;
  const bytes = await (await downloadObject(supabase, "documents", storageKey)).bytes();
  if (createHash("sha256").update(bytes).digest("hex") !== sha256) throw notWhole();
  return bytes;
}

/**
 * The path of a local copy of the job's original, fetched when it is not there yet and checked against its hash.
 * A copy is only a convenience: the next stage may run on another machine and fetches it again.
 */
export async function fetchSource(supabase: Supabase, work: JobWork): Promise<string> {
  const file = sourcePath(work);
  const present = await stat(file).catch(() => null);
  if (present?.size === work.sizeBytes) return file;

  const original = recentUploads.take(work.jobId) ?? (await streamObject(supabase, work.storageKey));
  await dropOldCopies();
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const partial = `${file}.${process.pid}.${Date.now()}`;
  try {
    // What was taken in here is what the hash is of.
    if (original instanceof Uint8Array) await writeFile(partial, original, { mode: 0o600 });
    else if ((await writeHashed(original, partial)) !== work.sha256) throw notWhole();
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return file;
}

async function streamObject(supabase: Supabase, key: string): Promise<ReadableStream> {
  const { data, error } = await supabase.storage.from("documents").download(key).asStream();
  if (error) throw storageFailure(error);
  return data;
}

/** Removes the local copy of a job's original. */
export async function dropSource(job: Pick<JobWork, "jobId">): Promise<void> {
  await rm(path.dirname(sourcePath(job)), { recursive: true, force: true });
}

async function dropOldCopies(): Promise<void> {
  const folder = copiesPath();
  for (const name of await readdir(folder).catch(() => [])) {
    const made = (await stat(path.join(folder, name)).catch(() => null))?.mtimeMs ?? Date.now();
    if (Date.now() - made > oldestCopyMs) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function sourcePath({ jobId }: Pick<JobWork, "jobId">): string {
  return path.join(copiesPath(), jobId, "source");
}

function copiesPath(): string {
  return path.join(/* turbopackIgnore: true */ tmpdir(), "knowledgebase");
}

function notWhole(): Failure {
  return new Failure("storage_unavailable", { detail: "The stored original did not arrive whole." });
}

/** What Storage sends breaks off with a TypeError of fetch; our own disk fails otherwise. */
function tellWhose(thrown: unknown): never {
  throw thrown instanceof TypeError ? storageFailure(thrown) : thrown;
}

/** Writes a copy, and answers its hash. */
async function writeHashed(original: ReadableStream, file: string): Promise<string> {
  const hash = createHash("sha256");
  async function* watch(pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  }
  await pipeline(original, watch, createWriteStream(file, { mode: 0o600 })).catch(tellWhose);
  return hash.digest("hex");
}
