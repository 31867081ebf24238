import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { asFailure, Failure } from "#lib/errors.ts";
import { loadParser } from "#lib/ingestion/load-parser.ts";
import type { ParseReply, ParseRequest } from "#lib/ingestion/parse-protocol.ts";

// The process that reads other people's files. It is started by `parser-pool.ts`, which stops it when it takes too much.

// A file that keeps this process busy for ever keeps it from seeing that its parent is gone; a thread of its own sees it.
const watch = `const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 1000);`;

// Nothing here has anything to fetch, whatever a document or a library asks for.
Socket.prototype.connect = () => {
  throw new Error("A parser has no network.");
};
// Ctrl-C reaches the whole group; the parent decides when its parsers end.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit());
process.on("message", (request: ParseRequest) => void answer(request));
new Worker(watch, { eval: true, stdin: false }).unref();
reply({ type: "ready" });

async function answer(request: ParseRequest): Promise<void> {
  try {
    const parse = await loadParser(request.mediaType);
    const document = await parse(
      { bytes: await readFile(request.path), fileName: request.fileName },
      {
        maxPages: request.limits.maxPages,
        maxCharacters: request.limits.maxCharacters,
        onProgress: (progress) => reply({ type: "progress", progress }),
      },
    );
    reply({ type: "done", document });
  } catch (thrown) {
    const { code, detail, cause } = asFailure(thrown);
    const reason = thrown instanceof Failure ? cause : thrown;
    reply({ type: "failed", code, detail, reason: reason instanceof Error ? (reason.stack ?? reason.message) : "" });
  }
}

function reply(message: ParseReply): void {
  process.send?.(message);
}
