import iconv from "iconv-lite";
import { detectWide } from "#lib/ingestion/detect-wide.ts";
import type { Warning } from "#lib/ingestion/schema.ts";

interface Decoded {
  text: string;
  /** The name of the encoding. */
  encoding: string;
  /** Not empty when nothing in the file says which encoding it has. */
  warnings: Warning[];
}

const detectorBytes = 256 * 1024;

/** Bytes of a text in any encoding as a string. `declared` is what the text says of itself, believed only when it is not UTF-8. */
export async function decodeText(
  bytes: Uint8Array,
  declared?: (start: string) => string | undefined,
): Promise<Decoded> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = detectWide(buffer);
  if (wide) return { text: iconv.decode(buffer, wide), encoding: wide, warnings: [] };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(buffer), encoding: "utf-8", warnings: [] };
  } catch {
    // Not UTF-8: the next best source is asked.
  }
  const name = declared?.(buffer.toString("latin1", 0, 4096));
  if (name && iconv.encodingExists(name) && !/^utf-?(8|16|32)/i.test(name)) {
    return { text: iconv.decode(buffer, name), encoding: name.toLowerCase(), warnings: [] };
  }
  return await guess(buffer);
}

async function guess(buffer: Buffer): Promise<Decoded> {
  const { detect } = await import("jschardet");
  const { encoding } = detect(buffer.subarray(0, detectorBytes));
  const isKnown = encoding && iconv.encodingExists(encoding) && !/^(utf-?8|ascii)$/i.test(encoding);
  const name = isKnown ? encoding : "windows-1252";
  return {
    text: iconv.decode(buffer, name),
    encoding: name.toLowerCase(),
    warnings: [
      {
        code: "encoding_guessed",
        message: `The file does not say how its letters are encoded; it was read as ${name}.`,
      },
    ],
  };
}
