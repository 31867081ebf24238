import { z } from "zod";
import { type AttachmentView, type DocumentView, documentStatusSchema } from "#lib/documents/schema.ts";

const storedSchema = z.object({
  documentId: z.uuid().nullable(),
  fileName: z.string(),
  status: documentStatusSchema.nullable(),
  reason: z.string().nullable(),
  isRemoved: z.boolean(),
});

type Stored = z.infer<typeof storedSchema>;

const removed = "Its document was deleted.";

/** What a document carries, as the API shows it, and the warning that names what of it is not read. */
export function viewAttachments(column: unknown): { views: AttachmentView[]; warnings: DocumentView["warnings"] } {
  const stored = z.array(storedSchema).parse(column ?? []);
  const names = stored.filter(isUnread).map(({ fileName, reason }) => `${fileName} (${reason?.replace(/\.$/, "")})`);
  const message = `Not read of what came with it: ${names.join("; ")}.`;
  return {
    views: stored.map(viewAttachment),
    warnings: names.length > 0 ? [{ code: "attachment_skipped", message }] : [],
  };
}

/** What its owner has deleted is no loss to warn of. */
function isUnread({ status, reason, isRemoved }: Stored): boolean {
  return !isRemoved && reason !== null && (status === null || status === "error");
}

function viewAttachment(stored: Stored): AttachmentView {
  const { documentId, fileName, status, reason, isRemoved } = stored;
  const why = isRemoved ? removed : isUnread(stored) ? reason : null;
  return { documentId, fileName, ...(status && { status }), ...(why && { reason: why }) };
}
