import { inflateRawSync } from "node:zlib";
import { Failure } from "#lib/errors.ts";
import { checkZip, type ZipMember } from "#lib/ingestion/parsers/check-zip.ts";

/** An archive that has been measured. Members are unpacked into memory, one by one, when they are asked for. */
export interface Zip {
  names: string[];
  has(name: string): boolean;
  /** A member's bytes, null when there is none of that name. Throws `file_corrupt` when it does not unpack to what the directory says. */
  read(name: string): Buffer | null;
}

const stored = 0;
const deflated = 8;

/** Opens a ZIP archive. Throws what `checkZip` throws. */
export function openZip(bytes: Uint8Array): Zip {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const listed = checkZip(bytes);
  const members = new Map(listed.map((member) => [member.name, member]));
  const folded = new Map(listed.map((member) => [fold(member.name), member]));
  const find = (name: string) => members.get(name) ?? folded.get(fold(name));
  return {
    names: [...members.keys()],
    has: (name) => find(name) !== undefined,
    read(name) {
      const member = find(name);
      return member ? unpack(buffer, member) : null;
    },
  };
}

/** Programs name a member in one place and refer to it in another case, or with the other slash. */
function fold(name: string): string {
  return name.replaceAll("\\", "/").toLowerCase();
}

function unpack(buffer: Buffer, { offset, packed, unpacked, method }: ZipMember): Buffer {
  try {
    if (buffer.readUInt32LE(offset) !== 0x04034b50) throw new Error("There is no member where the directory says.");
    const start = offset + 30 + buffer.readUInt16LE(offset + 26) + buffer.readUInt16LE(offset + 28);
    const data = buffer.subarray(start, start + packed);
    if (method === stored) return data;
    if (method !== deflated) throw new Error(`A member is packed by an unknown method (${method}).`);
    // One byte more than it says, so that a lie is seen and costs nothing.
    const whole = inflateRawSync(data, { maxOutputLength: unpacked + 1 });
    if (whole.length !== unpacked) throw new Error("A member is longer or shorter than the directory says.");
    return whole;
  } catch (cause) {
    throw new Failure("file_corrupt", { cause });
  }
}
