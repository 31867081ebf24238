/** A part of a mail: its headers (one a line), and what it holds, written in base64 when it is bytes. */
export interface MailPart {
  headers: string[];
  content: string | Uint8Array;
}

const usual = [
  "From: Ada Lovelace <ada@example.com>",
  "To: bob@example.com",
  "Date: Tue, 24 Nov 2026 09:30:00 +0100",
  "Subject: Minutes",
];

export const textPart = (content: string, type = "text/plain"): MailPart => ({
  headers: [`Content-Type: ${type}; charset=utf-8`],
  content,
});

export const filePart = (
  fileName: string,
  content: string | Uint8Array,
  type = "application/octet-stream",
): MailPart => ({
  headers: [`Content-Type: ${type}`, `Content-Disposition: attachment; filename="${fileName}"`],
  content: typeof content === "string" ? Buffer.from(content) : content,
});

/** A mail of one part as it is, of several as `multipart/<kind>`. */
export function makeMail(parts: MailPart[], { headers = usual, kind = "mixed" } = {}): Buffer {
  const all = [...headers, "MIME-Version: 1.0"];
  const [only] = parts;
  const body = parts.length === 1 && only ? writePart(only) : wrapParts(parts, kind);
  return Buffer.from([...all, body].join("\r\n"));
}

/** Several parts as the content of one, headers first. */
export function wrapParts(parts: MailPart[], kind: string, boundary = `edge-${kind}`): string {
  const written = parts.map((part) => `--${boundary}\r\n${writePart(part)}\r\n`).join("");
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${written}--${boundary}--\r\n`;
}

function writePart({ headers, content }: MailPart): string {
  if (typeof content === "string") return [...headers, "", content].join("\r\n");
  const base64 = Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\r\n");
  return [...headers, "Content-Transfer-Encoding: base64", "", base64].join("\r\n");
}
