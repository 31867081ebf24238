import { eventType } from "inngest";
import { z } from "zod";
import { bulkReprocessSchema } from "#lib/documents/schema.ts";

const document = z.object({ documentId: z.uuid(), ownerId: z.uuid() });
const job = document.extend({ jobId: z.uuid() });

/** A file was registered, and its first job is queued. */
export const documentUploaded = eventType("document.uploaded", { schema: job });

/** Send it with a document's id alone, from anywhere, to have the document ingested again. */
export const documentReprocessRequested = eventType("document.reprocess.requested", {
  schema: z.object({ documentId: z.uuid(), ownerId: z.uuid().optional(), jobId: z.uuid().optional() }),
});

/** Many documents at once: all of an owner (or, without one, of everybody), or those that the further keys mean. */
export const documentsReprocessRequested = eventType("documents.reprocess.requested", {
  schema: bulkReprocessSchema.extend({ ownerId: z.uuid().optional() }),
});

export const documentCancelRequested = eventType("document.cancel.requested", { schema: job });

export const documentDeleted = eventType("document.deleted", { schema: document });

/** A job was published: the document is searchable. For functions of yours.
 * @public
 */
export const documentReady = eventType("document.ready", { schema: job.extend({ chunks: z.number().int() }) });

/** A job ended with an error; `code` is one of `lib/errors.ts`. For functions of yours.
 * @public
 */
export const documentFailed = eventType("document.failed", { schema: job.extend({ code: z.string() }) });
