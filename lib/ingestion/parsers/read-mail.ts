import PostalMime, { type Address, type Attachment, type Email } from "postal-mime";
import { Failure } from "#lib/errors.ts";
import { narrowBytes } from "#lib/ingestion/parsers/narrow-bytes.ts";

/** A mail as it was sent: its headers in words, its body in one or two versions, and all files that it carries. */
export interface Mail {
  subject: string;
  /** The day as the sender's clock had it ("16 Dec 2022"), blank when the mail tells none. */
  day: string;
  /** What a reader sees above a mail, in that order; blank ones are left out. */
  fields: [name: string, value: string][];
  text: string;
  html: string;
  isEncrypted: boolean;
  attachments: Attachment[];
}

/** Reads one mail. A mail in a mail is a file that it carries. Throws `file_corrupt` and `file_too_complex`. */
export async function readMail(bytes: Uint8Array): Promise<Mail> {
  const email = await parse(dropStart(await narrowBytes(bytes)));
  const value = (key: string) => email.headers.find((header) => header.key === key)?.value ?? "";
  const subject = email.subject?.trim() ?? "";
  const date = value("date");
  const isEncrypted = /^multipart\/encrypted|pkcs7-mime.*enveloped/i.test(value("content-type"));
  const fields: Mail["fields"] = [
    ["Subject", subject],
    ["From", nameAddresses(email.from ? [email.from] : [])],
    ["To", nameAddresses(email.to ?? [])],
    ["Cc", nameAddresses(email.cc ?? [])],
    ["Date", date],
  ];
  return {
    subject,
    day: /\d{1,2} [A-Z][a-z]{2} \d{4}/.exec(date)?.[0] ?? email.date?.slice(0, 10) ?? "",
    fields: fields.filter(([, words]) => words !== ""),
    text: email.text ?? "",
    html: email.html ?? "",
    isEncrypted,
    // What an encrypted mail carries is itself.
    attachments: isEncrypted ? [] : email.attachments,
  };
}

/** Blank lines, a byte order mark: what stands before the headers would end them. */
function dropStart(bytes: Uint8Array): Uint8Array {
  const start = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  return bytes.subarray(/^(\xef\xbb\xbf)?\s*/.exec(start)?.[0].length);
}

async function parse(bytes: Uint8Array): Promise<Email> {
  try {
    return await PostalMime.parse(bytes, { forceRfc822Attachments: true });
  } catch (cause) {
    const isLimit = cause instanceof Error && cause.message.startsWith("Maximum ");
    throw new Failure(isLimit ? "file_too_complex" : "file_corrupt", { cause });
  }
}

function nameAddresses(addresses: Address[]): string {
  return addresses
    .map((one) => {
      if (one.group) return `${one.name}: ${nameAddresses(one.group)}`;
      return one.name && one.name !== one.address ? `${one.name} <${one.address}>` : one.address;
    })
    .filter((words) => words !== "")
    .join(", ");
}
