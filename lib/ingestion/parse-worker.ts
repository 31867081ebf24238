import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { asFailure, Failure } from "#lib/errors.ts";
import { loadParser } from "#lib/ingestion/load-parser.ts";
import type { PageRecord } from "#lib/ingestion/pages/schema.ts";
import type { ParseReply, ParseRequest, ParseTask, ParseTasks } from "#lib/ingestion/parse-protocol.ts";
import type { ParserContext } from "#lib/ingestion/parser.ts";
import type { PageReader } from "#lib/ingestion/parsers/page-reader.ts";

// The process that reads other people's files. It is started by `parser-pool.ts`, which stops it when it takes too much.

// A file that keeps this process busy for ever keeps it from seeing that its parent is gone; a thread of its own sees it.
const watch = `const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 1000);`;

let open: PageReader | undefined;
let ahead: { from: number; to: number; pages: Promise<PageRecord[]> } | undefined;

const tasks: { [T in ParseTask]: (request: ParseTasks[T]["request"]) => Promise<ParseTasks[T]["answer"]> } = {
  async parse({ mediaType, fileName, maxPages, maxCharacters, plainFrom, ...content }) {
    const parse = await loadParser(mediaType);
    const bytes = "bytes" in content ? content.bytes : await readFile(content.path);
    const onWindow: ParserContext["onWindow"] = (window, end) => reply({ type: "window", window, end });
    return await parse({ bytes, fileName }, { maxPages, maxCharacters, plainFrom, onWindow });
  },
  async openPages({ path, mediaType }) {
    const { openPages } = await import("#lib/ingestion/parsers/open-pages.ts");
    await open?.close();
    ahead = undefined;
    open = await openPages(await readFile(path), mediaType);
    return open.head;
  },
  async readPages({ from, to }) {
    if (!open) throw new Error("No file is open.");
    const pages = await (ahead?.from === from && ahead.to === to ? ahead.pages : open.read(from, to));
    // While these are on their way, and whoever asks for the next ones is busy with them, those are read already.
    setImmediate(readAhead, open, to + 1, to + 1 + to - from);
    return pages;
  },
  async closePages() {
    await open?.close();
    open = undefined;
    return null;
  },
  async openAttachments(request) {
    const { readAttachments } = await import("#lib/ingestion/parsers/read-attachments.ts");
    return await readAttachments(await readFile(request.path), request);
  },
  async recognisePage(request) {
    const { recognisePage } = await import("#lib/ingestion/parsers/recognise-page.ts");
    return await recognisePage(request);
  },
};

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

async function answer<T extends ParseTask>({ task, request }: ParseRequest<T>): Promise<void> {
  try {
    reply({ type: "done", answer: await tasks[task](request) });
  } catch (thrown) {
    const { code, detail, cause } = asFailure(thrown);
    const reason = thrown instanceof Failure ? cause : thrown;
    reply({ type: "failed", code, detail, reason: reason instanceof Error ? (reason.stack ?? reason.message) : "" });
  }
}

function readAhead(reader: PageReader, from: number, last: number): void {
  const to = Math.min(last, reader.head.pages);
  if (reader !== open || from > to) return;
  const pages = reader.read(from, to);
  // Who asks for them is told.
  pages.catch(() => undefined);
  ahead = { from, to, pages };
}

function reply(message: ParseReply): void {
  process.send?.(message);
}
