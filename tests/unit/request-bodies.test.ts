import { expect, test } from "vitest";
import { readJson } from "#app/api/answer.ts";
import { readFile } from "#app/api/read-file.ts";
import type { Env } from "#lib/env.ts";

const mebibyte = 1024 * 1024;
const deps = { env: { MAX_FILE_BYTES: mebibyte } as Env };
const multipart = { "content-type": "multipart/form-data; boundary=x" };
const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n';
const tail = "\r\n--x--\r\n";

/** A request whose body comes piece by piece, without its length; `taken` counts what was asked for. */
function makeRequest(headers: Record<string, string>, texts: string[]) {
  const sent = { taken: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const text = texts[sent.taken];
        if (text === undefined) return controller.close();
        sent.taken += 1;
        controller.enqueue(new TextEncoder().encode(text));
      },
    },
    { highWaterMark: 0 },
  );
  const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
  return { request: new Request("http://app/api", init), sent };
}

const pieces = (count: number, size: number) => Array.from({ length: count }, () => "a".repeat(size));

test("a file that comes without a length is taken up to the limit", async () => {
  const { request } = makeRequest(multipart, [head, ...pieces(16, mebibyte / 16), tail]);
  const { fileName, bytes } = await readFile(deps, request);
  expect([fileName, bytes.byteLength]).toEqual(["a.txt", mebibyte]);
});

test("one that goes past the limit is not read to its end", async () => {
  const { request, sent } = makeRequest(multipart, [head, ...pieces(500, mebibyte / 10), tail]);
  await expect(readFile(deps, request)).rejects.toMatchObject({
    code: "file_too_large",
    detail: "The file has more than 1.0 MB; the limit is 1.0 MB.",
  });
  expect(sent.taken).toBeLessThan(20);
});

test("one whose length is told is refused unread", async () => {
  const { request, sent } = makeRequest({ ...multipart, "content-length": String(5 * mebibyte) }, [head]);
  await expect(readFile(deps, request)).rejects.toMatchObject({
    code: "file_too_large",
    detail: "The file has 5.0 MB; the limit is 1.0 MB.",
  });
  expect(sent.taken).toBe(0);
});

test("JSON has a limit as well, told by its length or not", async () => {
  const json = { "content-type": "application/json" };
  const long = makeRequest(json, ['{"a": "', ...pieces(500, mebibyte / 10), '"}']);
  await expect(readJson(long.request)).rejects.toMatchObject({ code: "request_invalid" });
  expect(long.sent.taken).toBeLessThan(20);
  const told = makeRequest({ ...json, "content-length": String(2 * mebibyte) }, ["{}"]);
  await expect(readJson(told.request)).rejects.toMatchObject({ code: "request_invalid" });
  expect(told.sent.taken).toBe(0);
  const ids = Array.from({ length: 1000 }, () => crypto.randomUUID());
  expect(await readJson(makeRequest(json, [JSON.stringify({ ids })]).request)).toEqual({ ids });
  await expect(readJson(makeRequest(json, ["{"]).request)).rejects.toMatchObject({
    detail: "The body is not valid JSON.",
  });
});
