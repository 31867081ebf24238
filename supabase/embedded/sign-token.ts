import { createHmac, timingSafeEqual } from "node:crypto";

export type Claims = Record<string, unknown> & { exp?: number; iat?: number };

const fixedHead = encode({ alg: "HS256", typ: "JWT" });

/** A token of the HS256 kind that ends after `lifetimeSeconds`. */
export function signToken(claims: Claims, secret: string, lifetimeSeconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  return signBody(encode({ ...claims, iat: now, exp: now + lifetimeSeconds }), secret);
}

/** The same of claims that are encoded already, and say themselves when they end. */
export function signBody(body: string, secret: string): string {
  return `${fixedHead}.${body}.${sign(`${fixedHead}.${body}`, secret)}`;
}

/** The claims of a token. Throws when it is malformed, signed otherwise or over. */
export function verifyToken(token: string, secret: string): Claims {
  const [head, body, signature, ...rest] = token.split(".");
  if (!head || !body || !signature || rest.length > 0) throw new Error("Invalid Compact JWS");
  if (decode(head).alg !== "HS256") throw new Error('"alg" (Algorithm) Header Parameter value not allowed');
  const expected = Buffer.from(sign(`${head}.${body}`, secret));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw new Error("signature verification failed");
  }
  const claims = decode(body);
  if (typeof claims.exp === "number" && claims.exp <= Date.now() / 1000) {
    throw new Error('"exp" claim timestamp check failed');
  }
  return claims;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Claims;
  } catch (cause) {
    throw new Error("Invalid Compact JWS", { cause });
  }
  throw new Error("Invalid Compact JWS");
}

function sign(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}
