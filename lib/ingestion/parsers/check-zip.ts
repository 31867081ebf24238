import { Failure } from "#lib/errors.ts";

const mostEntries = 10_000;
const mostBytes = 512 * 1024 * 1024;
const mostMarkupBytes = 128 * 1024 * 1024;
/** Markup shrinks to a twentieth or so; only bombs shrink to a two-hundredth and are large all the same. */
const highestRatio = 200;
const harmlessBytes = 32 * 1024 * 1024;

/**
 * Reads a ZIP's directory, and nothing that is packed, to see what unpacking would cost. Throws `file_corrupt` when
 * there is no directory, and `file_too_complex` for an archive bomb.
 */
export function checkZip(bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.lastIndexOf("PK\x05\x06", -1, "latin1");
  if (end < 0 || end + 22 > buffer.length) throw new Failure("file_corrupt");
  let at = buffer.readUInt32LE(end + 16);
  let entries = 0;
  let total = 0;
  let markup = 0;
  while (at + 46 <= buffer.length && buffer.readUInt32LE(at) === 0x02014b50) {
    const packed = buffer.readUInt32LE(at + 20);
    const unpacked = buffer.readUInt32LE(at + 24);
    const nameLength = buffer.readUInt16LE(at + 28);
    const name = buffer.toString("latin1", at + 46, at + 46 + nameLength);
    entries += 1;
    total += unpacked;
    if (/\.(xml|rels|vml|html?)$/i.test(name)) markup += unpacked;
    if (unpacked > harmlessBytes && unpacked > packed * highestRatio) throw tooComplex();
    at += 46 + nameLength + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
  }
  if (entries === 0) throw new Failure("file_corrupt");
  if (entries > mostEntries || total > mostBytes || markup > mostMarkupBytes) throw tooComplex();
}

function tooComplex(): Failure {
  return new Failure("file_too_complex", { detail: "Unpacked, the file is far larger than a document may be." });
}
