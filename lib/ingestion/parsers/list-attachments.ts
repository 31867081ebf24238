import type { Mail } from "#lib/ingestion/parsers/read-mail.ts";

export interface MailAttachment {
  name: string;
  bytes: Uint8Array;
}

/** Parts that only serve the mail itself: signatures, styles, reports for programs, further versions of its body. */
const service =
  /^(application\/(pgp-signature|(x-)?pkcs7-signature)|text\/(css|x-amp-html)|message\/(delivery-status|feedback-report))$/;

const endings: Record<string, string> = {
  "application/pdf": ".pdf",
  "message/rfc822": ".eml",
  "text/calendar": ".ics",
  "text/html": ".html",
  "text/plain": ".txt",
};

/** The files that a mail carries, in its order. Images that stand in its text and parts that no reader sees are none. */
export function listAttachments({ attachments, html }: Mail): MailAttachment[] {
  const shown = new Set([...html.matchAll(/cid:([^"'\s<>)]+)/gi)].map(([, id]) => `<${id}>`));
  return attachments
    .filter(({ mimeType, related, contentId = "", disposition }) => {
      const isImage = mimeType.startsWith("image/");
      const isInText = related || (disposition !== "attachment" && shown.has(contentId));
      return !service.test(mimeType) && !(isImage && isInText);
    })
    .map(({ filename, mimeType, content }, index) => ({
      name: cleanName(filename) || `attachment-${index + 1}${endings[mimeType] ?? ""}`,
      bytes: typeof content === "string" ? Buffer.from(content) : new Uint8Array(content),
    }));
}

/** Without folders and what cannot be shown, and short enough to be a name. */
function cleanName(name: string | null): string {
  const base = name?.normalize("NFC").toWellFormed().split(/[\\/]/).at(-1) ?? "";
  return base.replace(/\p{C}/gu, "").trim().slice(0, 255).toWellFormed();
}
