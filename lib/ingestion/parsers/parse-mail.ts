import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addMail } from "#lib/ingestion/parsers/add-mail.ts";
import { countAttachments } from "#lib/ingestion/parsers/count-attachments.ts";
import { readMail } from "#lib/ingestion/parsers/read-mail.ts";

/** A mail: its headers, its body, and the names of what it carries. What it carries is opened by `read-attachments.ts`. */
export const parseMail: Parser = async ({ bytes }, { maxCharacters }) => {
  const mail = await readMail(bytes);
  if (mail.isEncrypted) throw new Failure("file_encrypted", { detail: "The e-mail is encrypted." });
  const builder = createDocumentBuilder({ maxCharacters });
  const { attachmentCount, warnings } = countAttachments(addMail(builder, mail));
  return { ...builder.finish({ title: mail.subject, warnings }), attachmentCount };
};
