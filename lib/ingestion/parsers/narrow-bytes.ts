import { decodeText } from "#lib/ingestion/decode-text.ts";
import { detectWide } from "#lib/ingestion/detect-wide.ts";

/** Mail is read byte by byte, for each of its parts may have an encoding of its own: only all of it in UTF-16 or UTF-32 is decoded first. */
export async function narrowBytes(bytes: Uint8Array): Promise<Uint8Array> {
  return detectWide(bytes) ? Buffer.from((await decodeText(bytes)).text) : bytes;
}
