import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generateApiKey } from "@supabase/lite";
import { writeFileDurably } from "./write-file-durably.ts";

/** `urlSecret` signs storage URLs: with a key of its own, such a token is never a session, nor the other way round. */
export interface Keys {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  urlSecret: string;
}

/** The keys of a data directory: made at the first start, the same ever after, unless the caller brings its own. */
export async function loadKeys(
  dataDir: string,
  given: { publishableKey: string | undefined; secretKey: string | undefined },
): Promise<Keys> {
  const path = join(dataDir, "keys.json");
  const stored: Keys = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : await createKeys(path);
  return {
    ...stored,
    publishableKey: given.publishableKey ?? stored.publishableKey,
    secretKey: given.secretKey ?? stored.secretKey,
  };
}

async function createKeys(path: string): Promise<Keys> {
  const keys = {
    publishableKey: (await generateApiKey("publishable")).key,
    secretKey: (await generateApiKey("secret")).key,
    jwtSecret: randomBytes(32).toString("base64url"),
    urlSecret: randomBytes(32).toString("base64url"),
  };
  await writeFileDurably(path, `${JSON.stringify(keys, null, 2)}\n`);
  return keys;
}
