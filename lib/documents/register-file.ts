import { cleanName } from "#lib/documents/clean-name.ts";
import type { FileFacts } from "#lib/documents/inspect-file.ts";
import { type OutboxEvent, outboxEventSchema } from "#lib/documents/outbox.ts";
import type { DocumentView } from "#lib/documents/schema.ts";
import { type DocumentOverview, viewDocument } from "#lib/documents/view-document.ts";
import type { Env } from "#lib/env.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import { folderOf, type JobWork, type PipelineSettings } from "#lib/ingestion/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";

const longestTitle = 500;
const longestFileName = 1000;

/** A stored object that is to become a document. The id is the caller's choice and part of `storageKey`. */
export interface StoredFile extends FileFacts {
  id: string;
  ownerId: string;
  storageKey: string;
  fileName: string;
  title?: string | undefined;
  /** Nobody asked for it: then its upload must still be there, and not await its owner's word. */
  unasked?: boolean;
}

/** Which document a file is now; `duplicate` when its owner had these bytes before. */
export interface Registered {
  documentId: string;
  duplicate: boolean;
  /** Of a new one: the event that is to be sent, what the API shows until then, and what its job works on. */
  created: { event: OutboxEvent; document: DocumentView; work: JobWork } | null;
}

/**
 * Registers a stored file: row, job and event in one transaction. The same bytes again are the same document (`duplicate`). Null where
 * the id is taken, as that of a document that was deleted is, and where it is `unasked` and may not be.
 */
export async function registerFile(
  { supabase, env }: { supabase: Supabase; env: Env },
  file: StoredFile,
): Promise<Registered | null> {
  const fileName = cleanName(file.fileName).slice(0, longestFileName);
  const title = cleanName(file.title ?? "").slice(0, longestTitle);
  const settings = pipelineSettings(env);
  const [registered] = unwrap(
    await supabase.rpc("register_document", {
      p_owner_id: file.ownerId,
      p_document: {
        id: file.id,
        title: title || fileName.replace(/\.[^.]+$/, "") || fileName,
        titleGiven: title !== "",
        fileName,
        mediaType: file.mediaType,
        sizeBytes: file.sizeBytes,
        sha256: file.sha256,
        storageKey: file.storageKey,
        unasked: file.unasked ?? false,
      },
      p_settings: { ...settings },
    }),
  );
  if (!registered) return null;
  const { document_id: documentId, duplicate, overview } = registered;
  if (duplicate) return { documentId, duplicate, created: null };
  const event = outboxEventSchema.parse(registered.event);
  const document = viewDocument(overview as unknown as DocumentOverview);
  const work = describeWork({ ...file, fileName }, String(event.data.jobId), settings);
  return { documentId, duplicate, created: { event, document, work } };
}

/** What a document's first job is to the first run that takes it up. */
function describeWork(file: StoredFile, jobId: string, settings: PipelineSettings): JobWork {
  const { id: documentId, ownerId, storageKey, fileName, mediaType, sizeBytes, sha256 } = file;
  const ids = { jobId, documentId, ownerId };
  const facts = { storageKey, fileName, mediaType, sizeBytes, sha256 };
  return { ...ids, ...facts, attempt: 1, number: 1, settings, folder: folderOf(ids) };
}

/**
 * The id of the owner's document with these bytes, when it needs no new work; then nothing has to be stored. One that is there only as
 * an attachment must be registered: it is a file of its own from then on.
 */
export async function findDuplicate(
  { supabase }: { supabase: Supabase },
  { ownerId, sha256 }: { ownerId: string; sha256: string },
): Promise<string | null> {
  const row = unwrap(
    await supabase
      .from("documents")
      .select("id")
      .eq("owner_id", ownerId)
      .eq("sha256", sha256)
      .is("parent_id", null)
      .is("deleted_at", null)
      .in("status", ["queued", "processing", "ready"])
      .maybeSingle(),
  );
  return row?.id ?? null;
}
