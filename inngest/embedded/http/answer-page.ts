import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reply } from "./reply.ts";

const page = readFileSync(join(import.meta.dirname, "../page/index.html"), "utf8");
const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:";

/** `GET /`: functions, runs and their steps, to look at in a browser. */
export function answerPage(): Reply {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "cache-control": "no-store",
  };
  return { status: 200, headers, body: page };
}
