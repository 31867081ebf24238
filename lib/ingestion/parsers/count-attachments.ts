import type { ParsedDocument } from "#lib/ingestion/schema.ts";

/** More than this come with no mail that people read. */
export const mostAttachments = 100;

/** How many of a mail's attachments are read; a warning tells of the others. */
export function countAttachments(found: number): Required<Pick<ParsedDocument, "attachmentCount" | "warnings">> {
  if (found <= mostAttachments) return { attachmentCount: found, warnings: [] };
  const message = `Only the first ${mostAttachments} of ${found} attachments were read; send the others as files of their own.`;
  return { attachmentCount: mostAttachments, warnings: [{ code: "attachment_skipped", message }] };
}
