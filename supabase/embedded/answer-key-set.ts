import type { ServerResponse } from "node:http";
import type { Keys } from "./load-keys.ts";
import { sendJson } from "./serve.ts";

/** What checks the signature of an access token, for whoever asks: /auth/v1/.well-known/jwks.json */
export function answerKeySet({ tokenKey }: Keys, response: ServerResponse): void {
  const { kty, crv, x, y } = tokenKey.public.export({ format: "jwk" });
  const use = { kid: tokenKey.id, alg: "ES256", use: "sig", key_ops: ["verify"] };
  response.setHeader("cache-control", "public, max-age=600");
  sendJson(response, 200, { keys: [{ kty, crv, x, y, ...use }] });
}
