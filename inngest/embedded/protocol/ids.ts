import { createHash, randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

let lastMs = 0;
let lastRandom = new Uint8Array(10);

/** A ULID; those made by one process sort in the order they were made. */
export function newUlid(nowMs: number = Date.now()): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    lastRandom = randomBytes(10);
  } else increment(lastRandom);
  return encodeUlid(lastMs, lastRandom);
}

/** The id of the event at `index` of a request that carried the SDK's seed, the same when the SDK sends it again. */
export function ulidFromSeed(seed: string, index: number): string | null {
  const [millis = "", entropy = ""] = seed.split(",");
  const bytes = Buffer.from(entropy, "base64");
  const nowMs = Number(millis);
  if (bytes.length !== 10 || !Number.isSafeInteger(nowMs) || nowMs < 0 || nowMs >= 2 ** 48) return null;
  const tail = bytes.readUInt32BE(6);
  bytes.writeUInt32BE((tail ^ index) >>> 0, 6);
  return encodeUlid(nowMs, bytes);
}

/** The UUID that the SDK is told for a function; it stays the same as long as its name does. */
export function uuidOf(name: string): string {
  const hex = createHash("sha1").update(name).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, variant + hex.slice(17, 20)];
  return [...parts, hex.slice(20, 32)].join("-");
}

function increment(bytes: Uint8Array): void {
  for (let at = bytes.length - 1; at >= 0; at -= 1) {
    const next = ((bytes[at] ?? 0) + 1) & 0xff;
    bytes[at] = next;
    if (next !== 0) return;
  }
}

function encodeUlid(timeMs: number, random: Uint8Array): string {
  let time = timeMs;
  let head = "";
  for (let place = 0; place < 10; place += 1) {
    head = alphabet[time % 32] + head;
    time = Math.floor(time / 32);
  }
  let value = 0n;
  for (const byte of random) value = (value << 8n) | BigInt(byte);
  let tail = "";
  for (let place = 0; place < 16; place += 1) {
    tail = alphabet[Number(value & 31n)] + tail;
    value >>= 5n;
  }
  return head + tail;
}
