import { sign, verify } from "node:crypto";
import type { Keys } from "./load-keys.ts";
import { signBody, verifyToken } from "./sign-token.ts";

const accessToken = /(access_token(?:"\s*:\s*"|=))([\w-]+\.[\w-]+\.[\w-]+)/g;

/**
 * Access tokens on their way out: the library signs them with the secret, hosted projects with a key pair. The claims stay, byte
 * for byte. `text` is a JSON body or the address of a redirect.
 */
export function exportTokens({ jwtSecret, tokenKey }: Keys, text: string): string {
  return text.replace(accessToken, (whole, field: string, token: string) => {
    const body = token.split(".")[1] ?? "";
    if (!isSignedBy(jwtSecret, token)) return whole;
    const head = encode({ alg: "ES256", kid: tokenKey.id, typ: "JWT" });
    const key = { key: tokenKey.private, dsaEncoding: "ieee-p1363" } as const;
    return `${field}${head}.${body}.${sign("sha256", Buffer.from(`${head}.${body}`), key).toString("base64url")}`;
  });
}

/**
 * The way back: the same claims under the secret, whether they are over or not. A token of the key pair whose signature is wrong
 * becomes one of the secret whose signature is wrong, so each service refuses it in its own words. Others stay what they are.
 */
export function importToken({ jwtSecret, tokenKey }: Keys, token: string): string {
  const [head, body, signature, ...rest] = token.split(".");
  if (!head || !body || !signature || rest.length > 0) return token;
  const { alg, kid } = readHead(head);
  if (alg !== "ES256") return token;
  const key = { key: tokenKey.public, dsaEncoding: "ieee-p1363" } as const;
  const given = Buffer.from(signature, "base64url");
  const isOurs = kid === tokenKey.id && verify("sha256", Buffer.from(`${head}.${body}`), key, given);
  const exchanged = signBody(body, jwtSecret);
  return isOurs ? exchanged : `${exchanged.slice(0, exchanged.lastIndexOf("."))}.${signature}`;
}

function isSignedBy(secret: string, token: string): boolean {
  try {
    verifyToken(token, secret);
    return true;
  } catch {
    return false;
  }
}

function readHead(head: string): { alg?: unknown; kid?: unknown } {
  try {
    return JSON.parse(Buffer.from(head, "base64url").toString("utf8")) ?? {};
  } catch {
    return {};
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
