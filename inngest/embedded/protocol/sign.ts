import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** The `x-inngest-signature` of a body: HMAC-SHA256 over its canonical JSON and the time, keyed by the key's text. */
export function signBody(key: string, body: string, nowMs: number): string {
  const seconds = String(Math.floor(nowMs / 1000));
  const text = body === "" ? "" : canonicalJson(JSON.parse(body));
  const hex = createHmac("sha256", key).update(text).update(seconds).digest("hex");
  return `t=${seconds}&s=${hex}`;
}

/** Whether a request bears the key as the SDK sends it: the SHA-256 of the decoded key, with or without its prefix. */
export function bearsKey(key: string, authorization: string | undefined): boolean {
  const given = (authorization ?? "").replace(/^Bearer\s+/i, "").replace(/^signkey-\w+-/, "");
  const expected = createHash("sha256").update(Buffer.from(key, "hex")).digest("hex");
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

/** JSON with sorted keys and no spaces (RFC 8785): both sides sign the same text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
}
