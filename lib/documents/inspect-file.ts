import { createHash } from "node:crypto";
import { checkSize } from "#lib/documents/check-size.ts";
import { detectMediaType } from "#lib/ingestion/detect-media-type.ts";
import type { MediaType } from "#lib/ingestion/schema.ts";

/** As much of a file as tells its type. */
const headBytes = 64 * 1024;

interface Input {
  fileName: string;
  bytes: Uint8Array;
  maxBytes: number;
}

export interface FileFacts {
  mediaType: MediaType;
  sizeBytes: number;
  sha256: string;
}

/** What a file is. Throws `file_too_large` and what `detectMediaType` throws. */
export function inspectFile({ fileName, bytes, maxBytes }: Input): FileFacts {
  const sizeBytes = bytes.byteLength;
  checkSize(sizeBytes, maxBytes);
  const mediaType = detectMediaType({ fileName, head: bytes.subarray(0, headBytes), size: sizeBytes });
  return { mediaType, sizeBytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}
