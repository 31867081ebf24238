/**
 * The mails of a mailbox, one after the other. Each begins with a line "From sender time"; a line of its own text that looks like one
 * was written with a `>` before it, which goes. Without such a line the file is one mail.
 */
export function* splitMailbox(bytes: Uint8Array): Generator<Uint8Array> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = endOfEnvelope(buffer, 0);
  for (let at = buffer.indexOf("\nFrom ", start); at >= 0; at = buffer.indexOf("\nFrom ", at + 1)) {
    const next = endOfEnvelope(buffer, at + 1);
    if (next === at + 1 || !/\n\r?$/.test(buffer.toString("latin1", at - 2, at))) continue;
    if (at > start) yield unquote(buffer.subarray(start, at));
    start = next;
  }
  if (start < buffer.length) yield unquote(buffer.subarray(start));
}

/** Where the mail begins whose envelope line is at `at`; `at` itself when there is none. */
function endOfEnvelope(buffer: Buffer, at: number): number {
  const line = buffer.toString("latin1", at, at + 500);
  return at + (/^\s*From [^\r\n]*\d:\d\d[^\r\n]*\r?\n/.exec(line)?.[0].length ?? 0);
}

function unquote(mail: Buffer): Uint8Array {
  if (!mail.includes("\n>")) return mail;
  return Buffer.from(mail.toString("latin1").replace(/^>(>*From )/gm, "$1"), "latin1");
}
