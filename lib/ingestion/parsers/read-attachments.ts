import { Failure } from "#lib/errors.ts";
import type { Attachment, AttachmentsRequest } from "#lib/ingestion/parse-protocol.ts";
import { mostAttachments } from "#lib/ingestion/parsers/count-attachments.ts";
import { listAttachments } from "#lib/ingestion/parsers/list-attachments.ts";
import { readMail } from "#lib/ingestion/parsers/read-mail.ts";
import { readMailbox } from "#lib/ingestion/parsers/read-mailbox.ts";
import type { MediaType } from "#lib/ingestion/schema.ts";

/** A page of the attachments of a mail or mailbox, in its order; none after the last. The same bytes give the same attachments. */
export async function readAttachments(
  bytes: Uint8Array,
  { mediaType, from, mostBytes }: Omit<AttachmentsRequest, "path">,
): Promise<Attachment[]> {
  const page: Attachment[] = [];
  let at = 0;
  let size = 0;
  for await (const attachment of openAll(bytes, mediaType)) {
    if (at >= from) {
      size += attachment.bytes.length;
      if (page.length > 0 && size > mostBytes) break;
      page.push(attachment);
    }
    at += 1;
    if (at === mostAttachments) break;
  }
  return page;
}

async function* openAll(bytes: Uint8Array, mediaType: MediaType): AsyncGenerator<Attachment> {
  if (mediaType === "message/rfc822") yield* listAttachments(await readMail(bytes));
  if (mediaType !== "application/mbox") return;
  for await (const mail of readMailbox(bytes)) if (!(mail instanceof Failure)) yield* listAttachments(mail);
}
