import { Failure } from "#lib/errors.ts";
import { createDocumentBuilder } from "#lib/ingestion/build-document.ts";
import type { Parser } from "#lib/ingestion/parser.ts";
import { addMail } from "#lib/ingestion/parsers/add-mail.ts";
import { countAttachments } from "#lib/ingestion/parsers/count-attachments.ts";
import { readMailbox } from "#lib/ingestion/parsers/read-mailbox.ts";
import type { Warning } from "#lib/ingestion/schema.ts";

/** A mailbox: a section for each of its mails, under the mail's subject and day. */
export const parseMailbox: Parser = async ({ bytes }, { maxCharacters }) => {
  const builder = createDocumentBuilder({ maxCharacters, namedByFile: true });
  const failures: Failure[] = [];
  let read = 0;
  let encrypted = 0;
  let found = 0;
  for await (const mail of readMailbox(bytes)) {
    if (mail instanceof Failure) {
      failures.push(mail);
      continue;
    }
    read += 1;
    if (mail.isEncrypted) encrypted += 1;
    const heading = [mail.subject || "Without a subject", mail.day].filter((words) => words !== "").join(", ");
    builder.add({ kind: "heading", level: 1, text: heading });
    found += addMail(builder, mail, 1);
  }
  if (read === 0) throw failures[0] ?? new Failure("file_corrupt");
  const { attachmentCount, warnings } = countAttachments(found);
  const lost = failures.length + encrypted;
  if (lost > 0) warnings.unshift(tellLost(lost, read + failures.length));
  return { ...builder.finish({ warnings }), attachmentCount };
};

function tellLost(lost: number, mails: number): Warning {
  const message = `${lost} of ${mails} e-mails are damaged or encrypted; what could be read of them is there.`;
  return { code: "file_recovered", message };
}
