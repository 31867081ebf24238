import iconv from "iconv-lite";
import type { Warning } from "#lib/ingestion/schema.ts";

interface Decoded {
  text: string;
  /** The name of the encoding. */
  encoding: string;
  /** Set when nothing in the file says which encoding it has. */
  warning?: Warning;
}

const detectorBytes = 256 * 1024;

/** Bytes of a text in any encoding as a string. `declared` is what the text says of itself, believed only when it is not UTF-8. */
export async function decodeText(
  bytes: Uint8Array,
  declared?: (start: string) => string | undefined,
): Promise<Decoded> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = readByteOrderMark(buffer) ?? guessWide(buffer);
  if (wide) return { text: iconv.decode(buffer, wide), encoding: wide };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(buffer), encoding: "utf-8" };
  } catch {
    // Not UTF-8: the next best source is asked.
  }
  const name = declared?.(buffer.toString("latin1", 0, 4096));
  if (name && iconv.encodingExists(name) && !/^utf-?(8|16|32)/i.test(name)) {
    return { text: iconv.decode(buffer, name), encoding: name.toLowerCase() };
  }
  return await guess(buffer);
}

function readByteOrderMark(buffer: Buffer): string | null {
  const start = buffer.toString("latin1", 0, 4);
  if (start === "\xff\xfe\0\0") return "utf-32le";
  if (start === "\0\0\xfe\xff") return "utf-32be";
  if (start.startsWith("\xff\xfe")) return "utf-16le";
  if (start.startsWith("\xfe\xff")) return "utf-16be";
  return null;
}

/** UTF-16 or UTF-32 without a mark: its NULs stand at the same places of every unit. */
function guessWide(buffer: Buffer): string | null {
  const sample = buffer.subarray(0, 4096 - (buffer.length < 4096 ? buffer.length % 4 : 0));
  const nuls = [0, 0, 0, 0];
  for (let at = sample.indexOf(0); at >= 0; at = sample.indexOf(0, at + 1)) nuls[at % 4] = (nuls[at % 4] ?? 0) + 1;
  const units = sample.length / 4;
  const full = nuls.map((count) => count > units * 0.4);
  const pattern = full.map((isFull) => (isFull ? "0" : "x")).join("");
  const encodings: Record<string, string> = {
    x000: "utf-32le",
    xx00: "utf-32le",
    "000x": "utf-32be",
    "00xx": "utf-32be",
    x0x0: "utf-16le",
    "0x0x": "utf-16be",
  };
  return encodings[pattern] ?? null;
}

async function guess(buffer: Buffer): Promise<Decoded> {
  const { detect } = await import("jschardet");
  const { encoding } = detect(buffer.subarray(0, detectorBytes));
  const isKnown = encoding && iconv.encodingExists(encoding) && !/^(utf-?8|ascii)$/i.test(encoding);
  const name = isKnown ? encoding : "windows-1252";
  return {
    text: iconv.decode(buffer, name),
    encoding: name.toLowerCase(),
    warning: {
      code: "encoding_guessed",
      message: `The file does not say how its letters are encoded; it was read as ${name}.`,
    },
  };
}
