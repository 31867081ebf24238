import type { IncomingHttpHeaders } from "node:http";
import { importToken } from "./exchange-token.ts";
import type { Keys } from "./load-keys.ts";
import { type Claims, verifyToken } from "./sign-token.ts";
import { storageError } from "./storage-error.ts";

/** As whom the statements of a call run. `subject` is the user's id, if there is a user. */
export interface Caller {
  role: string;
  subject: string | undefined;
  claims: Claims;
}

const roles = ["anon", "authenticated", "service_role"];

const anonymous: Caller = { role: "anon", subject: undefined, claims: { role: "anon" } };

/** Reads who is calling from `Authorization`, else from `apikey`. Throws `AccessDenied`. */
export function readCaller(keys: Keys, headers: IncomingHttpHeaders): Caller {
  const token = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? headers.apikey;
  if (typeof token !== "string" || token === "") {
    throw storageError("InvalidRequest", "headers must have required property 'authorization'");
  }
  if (token === keys.publishableKey) return anonymous;
  if (token === keys.secretKey) return asService(headers);
  const claims = verify(keys, token);
  // A token of ours without a role is no session, whatever else it may be.
  if (typeof claims.role !== "string" || !roles.includes(claims.role)) {
    throw storageError("AccessDenied", "Access denied: Invalid role");
  }
  return { role: claims.role, subject: typeof claims.sub === "string" ? claims.sub : undefined, claims };
}

/** The same, but nobody where there is no valid token: for what a public bucket gives to all. */
export function readCallerOrNobody(keys: Keys, headers: IncomingHttpHeaders): Caller | undefined {
  try {
    return readCaller(keys, headers);
  } catch {
    return undefined;
  }
}

function asService(headers: IncomingHttpHeaders): Caller {
  if (/^\s*Mozilla\/5\.0/i.test(headers["user-agent"] ?? "")) {
    throw storageError("AccessDenied", "Forbidden use of secret API key in browser");
  }
  return { role: "service_role", subject: undefined, claims: { role: "service_role" } };
}

function verify(keys: Keys, token: string): Claims {
  try {
    return verifyToken(importToken(keys, token), keys.jwtSecret);
  } catch (cause) {
    throw storageError("AccessDenied", cause instanceof Error ? cause.message : undefined, cause);
  }
}
