import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey } from "@supabase/lite";
import { writeFileDurably } from "./write-file-durably.ts";

interface Secrets {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  urlSecret: string;
}

/**
 * `tokenKey` signs the access tokens that are given out, `jwtSecret` the same tokens for the library. `urlSecret` signs storage
 * URLs: with a key of its own, such a token is never a session, nor the other way round.
 */
export interface Keys extends Secrets {
  tokenKey: { id: string; private: KeyObject; public: KeyObject };
}

type StoredKeys = Secrets & { tokenKey: JsonWebKey & { kid: string } };

/** The keys of a data directory: made at the first start, the same ever after, unless the caller brings its own. */
export async function loadKeys(
  dataDir: string,
  given: { publishableKey: string | undefined; secretKey: string | undefined },
): Promise<Keys> {
  const path = join(dataDir, "keys.json");
  const found: Partial<StoredKeys> = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  // A directory may be of before there was a key pair.
  const stored = found.tokenKey ? (found as StoredKeys) : { ...(await createKeys()), ...found };
  if (stored !== found) await writeFileDurably(path, `${JSON.stringify(stored, null, 2)}\n`);
  const key = createPrivateKey({ key: stored.tokenKey, format: "jwk" });
  return {
    ...stored,
    publishableKey: given.publishableKey ?? stored.publishableKey,
    secretKey: given.secretKey ?? stored.secretKey,
    tokenKey: { id: stored.tokenKey.kid, private: key, public: createPublicKey(key) },
  };
}

async function createKeys(): Promise<StoredKeys> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publishableKey: (await generateApiKey("publishable")).key,
    secretKey: (await generateApiKey("secret")).key,
    jwtSecret: randomBytes(32).toString("base64url"),
    urlSecret: randomBytes(32).toString("base64url"),
    tokenKey: { ...privateKey.export({ format: "jwk" }), kid: randomUUID() },
  };
}
