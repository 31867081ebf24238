import { asFailure, type Failure } from "#lib/errors.ts";
import { narrowBytes } from "#lib/ingestion/parsers/narrow-bytes.ts";
import { type Mail, readMail } from "#lib/ingestion/parsers/read-mail.ts";
import { splitMailbox } from "#lib/ingestion/parsers/split-mailbox.ts";

/** The mails of a mailbox in their order; in the place of one that cannot be read, why. */
export async function* readMailbox(bytes: Uint8Array): AsyncGenerator<Mail | Failure> {
  const narrow = await narrowBytes(bytes);
  for (const mail of splitMailbox(narrow)) yield await readMail(mail).catch(tellFailure);
}

function tellFailure(thrown: unknown): Failure {
  const failure = asFailure(thrown);
  if (failure.code === "internal") throw thrown;
  return failure;
}
