import { Failure } from "#lib/errors.ts";

/** A member of an archive, as the archive's directory tells it. */
export interface ZipMember {
  name: string;
  method: number;
  packed: number;
  unpacked: number;
  /** Where its local header begins. */
  offset: number;
}

export const mostMembers = 10_000;
export const mostUnpackedBytes = 512 * 1024 * 1024;
const mostMarkupBytes = 128 * 1024 * 1024;
/** Markup shrinks to a twentieth or so; only bombs shrink to a two-hundredth and are large all the same. */
const highestRatio = 200;
const harmlessBytes = 32 * 1024 * 1024;
/** Where a size or a place is this, the true one stands elsewhere (ZIP64). */
const elsewhere = 0xffffffff;

/**
 * Reads a ZIP's directory, and nothing that is packed, to see what unpacking would cost. Throws `file_corrupt` when
 * there is no directory, `file_encrypted` when members have a password, and `file_too_complex` for an archive bomb.
 */
export function checkZip(bytes: Uint8Array): ZipMember[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members: ZipMember[] = [];
  let total = 0;
  let markup = 0;
  let at = findDirectory(buffer);
  while (at + 46 <= buffer.length && buffer.readUInt32LE(at) === 0x02014b50) {
    const nameLength = buffer.readUInt16LE(at + 28);
    const extraLength = buffer.readUInt16LE(at + 30);
    const member = readMember(buffer, at, nameLength, extraLength);
    members.push(member);
    total += member.unpacked;
    if (/\.(xml|rels|vml|x?html?|opf|ncx)$/i.test(member.name)) markup += member.unpacked;
    if (member.unpacked > harmlessBytes && member.unpacked > member.packed * highestRatio) throw tooComplex();
    if (members.length > mostMembers || total > mostUnpackedBytes || markup > mostMarkupBytes) throw tooComplex();
    at += 46 + nameLength + extraLength + buffer.readUInt16LE(at + 32);
  }
  if (members.length === 0) throw new Failure("file_corrupt");
  return members;
}

function findDirectory(buffer: Buffer): number {
  const end = buffer.lastIndexOf("PK\x05\x06", -1, "latin1");
  if (end < 0 || end + 22 > buffer.length) throw new Failure("file_corrupt");
  const at = buffer.readUInt32LE(end + 16);
  if (at !== elsewhere) return at;
  const locator = end - 20;
  if (locator < 0 || buffer.readUInt32LE(locator) !== 0x07064b50) throw new Failure("file_corrupt");
  const wideEnd = Number(buffer.readBigUInt64LE(locator + 8));
  if (wideEnd + 56 > buffer.length) throw new Failure("file_corrupt");
  return Number(buffer.readBigUInt64LE(wideEnd + 48));
}

function readMember(buffer: Buffer, at: number, nameLength: number, extraLength: number): ZipMember {
  if (buffer.readUInt16LE(at + 8) & 1) throw new Failure("file_encrypted");
  const nameEnd = at + 46 + nameLength;
  const wide = findWideSizes(buffer.subarray(nameEnd, nameEnd + extraLength));
  const read = (place: number) => {
    const size = buffer.readUInt32LE(at + place);
    return size === elsewhere ? (wide.shift() ?? size) : size;
  };
  // In the order in which ZIP64 lists them.
  const unpacked = read(24);
  const packed = read(20);
  const offset = read(42);
  const name = buffer.toString("utf8", at + 46, nameEnd);
  return { name, method: buffer.readUInt16LE(at + 10), packed, unpacked, offset };
}

function findWideSizes(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    return Array.from({ length: Math.floor(field.length / 8) }, (_, index) => Number(field.readBigUInt64LE(index * 8)));
  }
  return [];
}

function tooComplex(): Failure {
  return new Failure("file_too_complex", { detail: "Unpacked, the file is far larger than a document may be." });
}
