import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test, vi } from "vitest";
import { asFailure } from "#lib/errors.ts";
import { parseDocument } from "#lib/ingestion/parse-document.ts";
import type { ParseLimits } from "#lib/ingestion/parse-protocol.ts";
import { createParserPool } from "#lib/ingestion/parser-pool.ts";
import type { MediaType, ParsedDocument } from "#lib/ingestion/schema.ts";
import { findParsers } from "#tests/corpus/watch-parsers.ts";
import { makeEndlessPdf, makePdf } from "./make-pdf.ts";
import { makeDocx, makeZip } from "./make-zip.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "knowledgebase-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pdf: MediaType = "application/pdf";
const docx: MediaType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

interface Settings {
  limits?: Partial<ParseLimits>;
  signal?: AbortSignal;
}

function write(fileName: string, bytes: Buffer | string): string {
  const path = join(folder, fileName);
  writeFileSync(path, bytes);
  return path;
}

async function parse(mediaType: MediaType, bytes: Buffer | string, settings: Settings = {}): Promise<ParsedDocument> {
  const path = write(crypto.randomUUID(), bytes);
  return await parseDocument({ path, fileName: "file", mediaType }, settings);
}

describe("a parser is stopped", () => {
  test("when it takes too long, while others go on", async () => {
    const endless = parse(pdf, makeEndlessPdf(), { limits: { wallMs: 1500 } }).catch(asFailure);
    const other = await parse("text/plain", "Words of somebody else.");
    expect(other.text).toBe("Words of somebody else.");
    expect(await endless).toMatchObject({ code: "file_too_complex", detail: expect.stringContaining("took longer") });
  });

  test("when it takes too much memory", async () => {
    const rows = Array.from({ length: 400_000 }, (_, index) => `<p>${index}</p>`).join("");
    const thrown = await parse("text/html", rows, { limits: { memoryBytes: 120 * 1024 * 1024 } }).catch(asFailure);
    expect(thrown).toMatchObject({ code: "file_too_complex", detail: expect.stringContaining("memory") });
  });

  test("by itself while nobody waits for it: whoever asks next is told why", async () => {
    const request = {
      mediaType: "text/plain" as const,
      fileName: "a",
      bytes: Buffer.from("words"),
      maxPages: 1,
      maxCharacters: 9,
    };
    const others = findParsers();
    const work = createParserPool().lease({ memoryBytes: 1024 * 1024 * 1024 }, async (ask) => {
      await ask("parse", request, 10_000);
      for (const pid of findParsers().filter((one) => !others.includes(one))) process.kill(Number(pid), "SIGABRT");
      await vi.waitUntil(() => findParsers().every((pid) => others.includes(pid)));
      return await ask("parse", request, 10_000);
    });
    expect(await work.catch(asFailure)).toMatchObject({
      code: "file_too_complex",
      detail: expect.stringContaining("memory"),
    });
  });

  test("when the caller has enough of it", async () => {
    const abort = new AbortController();
    const parsing = parse(pdf, makeEndlessPdf(), { signal: abort.signal });
    setTimeout(() => abort.abort(new Error("cancelled")), 300);
    await expect(parsing).rejects.toThrow("cancelled");
    await expect(parse("text/plain", "x", { signal: AbortSignal.abort(new Error("too late")) })).rejects.toThrow(
      "too late",
    );
  });

  test("with the process that started it (which tells it no secrets), even when that is killed and the parser is busy", async () => {
    const path = write("endless.pdf", makeEndlessPdf());
    const input = JSON.stringify({ path, fileName: "endless.pdf", mediaType: pdf });
    const script = `const { parseDocument } = await import("#lib/ingestion/parse-document.ts"); await parseDocument(${input});`;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: root,
      stdio: "ignore",
      env: { ...process.env, OPENAI_API_KEY: "of-our-own" },
    });
    try {
      const child = await vi.waitFor(() => findChild(parent.pid ?? 0), { timeout: 10_000, interval: 50 });
      expect(readFileSync(`/proc/${child}/environ`, "utf8")).not.toContain("of-our-own");
      parent.kill("SIGKILL");
      await vi.waitFor(() => expect(isRunning(child)).toBe(false), { timeout: 10_000, interval: 100 });
    } finally {
      parent.kill("SIGKILL");
    }
  });
});

describe("a document may not have", () => {
  test("more pages or characters than the limits", async () => {
    const pages = makePdf([[{ text: "one", y: 700 }], [{ text: "two", y: 700 }]]);
    expect(await parse(pdf, pages, { limits: { maxPages: 1 } }).catch(asFailure)).toMatchObject({
      code: "file_too_complex",
      detail: "The file has 2 pages; the limit is 1.",
    });
    const thrown = await parse("text/plain", "a word ".repeat(100), { limits: { maxCharacters: 100 } }).catch(
      asFailure,
    );
    expect(thrown).toMatchObject({ code: "file_too_complex" });
  });

  test("parts that unpack to far more than a document", async () => {
    const bomb = makeDocx("<w:p/>", [{ name: "word/a.xml", data: Buffer.alloc(60 * 1024 * 1024) }]);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await parse(docx, bomb).catch(asFailure)).toMatchObject({ code: "file_too_complex" });
    const many = makeZip(Array.from({ length: 10_001 }, (_, index) => ({ name: `word/${index}`, data: "" })));
    expect(await parse(docx, many).catch(asFailure)).toMatchObject({ code: "file_too_complex" });
    const liar = makeZip([{ name: "word/document.xml", data: "x", declaredSize: 0xfffffffe }]);
    expect(await parse(docx, liar).catch(asFailure)).toMatchObject({ code: "file_too_complex" });
  });
});

describe("a document may", () => {
  test("nest deeper than any call stack", async () => {
    expect((await parse("text/html", `${"<div>".repeat(40_000)}deep`)).text).toBe("deep");
    expect((await parse("text/html", `${"<table><tr><td>".repeat(5_000)}deep`)).text).toBe("deep");
  });

  test("be Markdown that no parser gets through: then it is read as plain text, and says so", async () => {
    const parsed = await parse("text/markdown", "*a_ ".repeat(30_000), { limits: { wallMs: 4000 } });
    expect(parsed.text).toContain("*a_ *a_ ");
    expect(parsed.warnings).toMatchObject([{ code: "fallback_plain_text" }]);
  });

  test("be so only from some place on: what was read before it keeps its headings", { timeout: 20_000 }, async () => {
    const section = (index: number) => `# Part ${index}\n\n${"The *harbour* lies still. ".repeat(400)}\n\n`;
    const good = Array.from({ length: 20 }, (_, index) => section(index)).join("");
    const parsed = await parse("text/markdown", `${good}# Last\n\n${"*a_ ".repeat(30_000)}`, {
      limits: { wallMs: 4000 },
    });
    const headings = parsed.blocks.filter(({ kind }) => kind === "heading");
    expect(headings.map(({ start, end }) => parsed.text.slice(start, end)).slice(0, 3)).toEqual([
      "Part 0",
      "Part 1",
      "Part 2",
    ]);
    expect(headings.length).toBeLessThan(20);
    expect(parsed.text.match(/Part \d+/g)).toHaveLength(20);
    expect(parsed.text).toContain("*a_ *a_ ");
    expect(parsed.warnings).toMatchObject([{ code: "fallback_plain_text" }]);
  });
});

test("a parser has no network, no files to write and no processes to start", async () => {
  const pool = readFileSync(join(root, "lib/ingestion/parser-pool.ts"), "utf8");
  const flags = [...pool.matchAll(/"(--(?:permission|allow)[^"]*)"/g)].map(([, flag]) => flag ?? "");
  // The last one is only for those that draw.
  expect(flags).toEqual(["--permission", "--allow-fs-read=*", "--allow-worker", "--allow-addons"]);
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  let connections = 0;
  listener.on("connection", () => {
    connections += 1;
  });
  const worker = join(root, "lib/ingestion/parse-worker.ts");
  const script = `
    await import(${JSON.stringify(worker)});
    const said = {};
    const attempt = async (name, run) => { try { await run(); said[name] = "done"; } catch (thrown) { said[name] = thrown.cause?.message ?? thrown.message; } };
    await attempt("fetch", () => fetch("http://127.0.0.1:${port}/"));
    await attempt("connect", async () => (await import("node:net")).connect(${port}, "127.0.0.1"));
    await attempt("write", async () => (await import("node:fs")).writeFileSync(${JSON.stringify(join(folder, "written"))}, "x"));
    await attempt("spawn", async () => (await import("node:child_process")).execFileSync("true"));
    console.log(JSON.stringify(said));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "--eval", script], {
    cwd: root,
  });
  listener.close();
  const said = JSON.parse(stdout) as Record<string, string>;
  expect([said.fetch, said.connect]).toEqual(["A parser has no network.", "A parser has no network."]);
  expect(said.write).toMatch(/restricted/);
  expect(said.spawn).toMatch(/restricted/);
  expect(connections).toBe(0);
});

test("a hundred small documents share their parsers, and each gets its own words", async () => {
  const parsed = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      parse(index % 2 ? "text/plain" : "text/markdown", `Document number ${index}.`),
    ),
  );
  expect(parsed.map(({ text }) => text)).toEqual(
    Array.from({ length: 100 }, (_, index) => `Document number ${index}.`),
  );
});

test("idle parsers do not keep the process alive", async () => {
  const path = write("notes.txt", "Words.");
  const input = JSON.stringify({ path, fileName: "notes.txt", mediaType: "text/plain" });
  const script = `const { parseDocument } = await import("#lib/ingestion/parse-document.ts");
    await parseDocument(${input}); const end = Date.now(); process.on("exit", () => console.log(Date.now() - end));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: root,
  });
  expect(Number(stdout)).toBeLessThan(1000);
});

function findChild(parent: number): number {
  const [child] = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ").filter(Boolean);
  // Until it runs its own program, a new process is a copy of the one that starts it.
  const program = child ? readFileSync(`/proc/${child}/cmdline`, "utf8") : "";
  if (!program.includes("parse-worker")) throw new Error("The parser has not started yet.");
  return Number(child);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
