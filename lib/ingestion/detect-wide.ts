/** Which encoding of two or four bytes a character a text is in, by its mark or by the places of its NULs; null when in none. */
export function detectWide(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readByteOrderMark(buffer) ?? guessWide(buffer);
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
