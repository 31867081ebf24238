import { describe, expect, inject, test } from "vitest";
import type { DocumentView } from "#lib/documents/schema.ts";
import { countRows, listObjects, openDatabase } from "./database.ts";
import { fixtureFile, makeBlankPdf } from "./files.ts";
import { createOwner } from "./owner.ts";

const stack = inject("stack");
const database = openDatabase(stack);

interface Problem {
  status: number;
  code: string;
  detail: string;
  action: string;
  correlationId: string;
}

const html = "<!doctype html><html><body><p>Not a PDF at all.</p></body></html>";

describe("a file that is refused at the door leaves nothing behind", () => {
  const cases: [string, File, number, string][] = [
    ["an empty file", new File([], "empty.txt"), 422, "file_empty"],
    [
      "an unknown type",
      new File([new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])], "tool.bin"),
      415,
      "media_type_unsupported",
    ],
    [
      "a file over the limit",
      new File([new Uint8Array(51 * 1024 * 1024).fill(65)], "large.txt"),
      413,
      "file_too_large",
    ],
    ["HTML that is named .pdf", new File([html], "page.pdf"), 415, "media_type_mismatch"],
  ];
  test.each(cases)("%s", async (_name, file, status, code) => {
    const owner = await createOwner(stack);
    const body = new FormData();
    body.set("file", file);
    const response = await owner.call("/api/documents", { method: "POST", body });
    const problem = (await response.json()) as Problem;
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect([response.status, problem.status, problem.code]).toEqual([status, status, code]);
    expect(problem.detail).toMatch(/\.$/);
    expect(problem.action).toMatch(/\.$/);
    expect(problem.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await countRows(database, "documents", "owner_id", owner.userId)).toBe(0);
    expect(await listObjects(database, "documents", owner.userId)).toEqual([]);
  });
});

describe("a file that turns out to be unreadable ends with a reason", () => {
  const cases: [string, File, string][] = [
    ["a PDF with a password", fixtureFile("refused/password.pdf"), "file_encrypted"],
    ["a truncated PDF", fixtureFile("refused/truncated.pdf"), "file_corrupt"],
    ["a PDF of blank pages", makeBlankPdf(), "text_missing"],
    ["an empty Word document", fixtureFile("refused/empty.docx"), "text_missing"],
  ];
  test.each(cases)("%s", async (_name, file, code) => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(file);
    const document = await owner.follow(id, ({ status }: DocumentView) => status === "error" || status === "ready");
    expect(document.status).toBe("error");
    expect(document.error).toMatchObject({ code, stage: "parse", retryable: false });
    expect(document.error?.message).toMatch(/\.$/);
    expect(document.error?.action).toMatch(/\.$/);
    expect(document.chunkCount).toBe(0);
    expect(await countRows(database, "chunks", "document_id", id)).toBe(0);
  });
});

test("a request that makes no sense gets a code and a sentence, and the server goes on", async () => {
  const owner = await createOwner(stack);
  const ask = async (path: string, init?: RequestInit) => {
    const response = await owner.call(path, init);
    return [response.status, ((await response.json()) as Problem).code];
  };
  expect(await ask("/api/documents", { method: "POST", body: "hello" })).toEqual([400, "request_invalid"]);
  const json = { "content-type": "application/json" };
  expect(await ask("/api/documents", { method: "POST", headers: json, body: "{" })).toEqual([400, "request_invalid"]);
  expect(await ask("/api/documents?limit=0")).toEqual([400, "request_invalid"]);
  expect(await ask("/api/documents?cursor=nonsense")).toEqual([400, "request_invalid"]);
  expect(await ask("/api/documents/not-an-id")).toEqual([404, "document_not_found"]);
  expect(await ask(`/api/documents/${crypto.randomUUID()}`, { method: "DELETE" })).toEqual([404, "document_not_found"]);
  expect(await ask("/api/search?q=")).toEqual([400, "request_invalid"]);
  expect((await fetch(new URL("/api/documents", stack.appUrl))).status).toBe(401);
  const forged = await fetch(new URL("/api/documents", stack.appUrl), { headers: { authorization: "Bearer a.b.c" } });
  expect(forged.status).toBe(401);
  expect((await fetch(new URL("/api/health", stack.appUrl))).status).toBe(200);
});
