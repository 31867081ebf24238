import { cleanName } from "#lib/documents/clean-name.ts";
import type { Attachment } from "#lib/ingestion/parse-protocol.ts";
import type { Mail } from "#lib/ingestion/parsers/read-mail.ts";

/** Parts that only serve the mail itself: signatures, styles, reports for programs, further versions of its body. */
const service =
  /^(application\/(pgp-signature|(x-)?pkcs7-signature)|text\/(css|x-amp-html)|message\/(delivery-status|feedback-report))$/;

const longestName = 255;

const endings: Record<string, string> = {
  "application/pdf": ".pdf",
  "message/rfc822": ".eml",
  "text/calendar": ".ics",
  "text/html": ".html",
  "text/plain": ".txt",
};

/** The files that a mail carries, in its order. Images that stand in its text and parts that no reader sees are none. */
export function listAttachments({ attachments, html }: Mail): Attachment[] {
  const shown = new Set([...html.matchAll(/cid:([^"'\s<>)]+)/gi)].map(([, id]) => `<${id}>`));
  return attachments
    .filter(({ mimeType, related, contentId = "", disposition }) => {
      const isImage = mimeType.startsWith("image/");
      const isInText = related || (disposition !== "attachment" && shown.has(contentId));
      return !service.test(mimeType) && !(isImage && isInText);
    })
    .map(({ filename, mimeType, content }, index) => ({
      name:
        cleanName(filename ?? "")
          .slice(0, longestName)
          .toWellFormed() || `attachment-${index + 1}${endings[mimeType] ?? ""}`,
      bytes: typeof content === "string" ? Buffer.from(content) : new Uint8Array(content),
    }));
}
