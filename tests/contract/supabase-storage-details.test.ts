import { createHmac } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SupabaseSubject, startSupabaseSubject } from "./supabase-subject.ts";

let subject: SupabaseSubject;
beforeAll(async () => {
  subject = await startSupabaseSubject();
});
afterAll(() => subject.stop());

const files = () => subject.service.storage.from("files");
const newPath = (name = "a.txt") => `test-${crypto.randomUUID()}/${name}`;
const call = (path: string, init: RequestInit = {}, token = subject.secretKey) =>
  fetch(`${subject.url}/storage/v1/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });

describe("what is kept of an object", () => {
  test("its type, size, cache time and the user's metadata, however it was sent", async () => {
    for (const body of [Buffer.from("text"), new Blob(["text"], { type: "text/markdown" })]) {
      const path = newPath();
      const metadata = { source: "Überblick", page: 3 };
      const sent = await files().upload(path, body, { contentType: "text/markdown", cacheControl: "60", metadata });
      expect(sent.data).toMatchObject({ path, fullPath: `files/${path}` });
      const { data } = await files().info(path);
      expect(data).toMatchObject({
        ...{ id: sent.data?.id, name: path, bucketId: "files", size: 4, contentType: "text/markdown" },
        ...{ cacheControl: "max-age=60", metadata, etag: expect.stringMatching(/^"[^"]+"$/) },
      });
      expect(Date.parse(data?.createdAt ?? "")).not.toBeNaN();
      const [entry] = (await files().list(path.split("/")[0])).data ?? [];
      expect(entry?.metadata).toMatchObject({ size: 4, mimetype: "text/markdown", cacheControl: "max-age=60" });
    }
  });

  test("an empty file is a file", async () => {
    const path = newPath();
    expect((await files().upload(path, Buffer.alloc(0), { contentType: "text/plain" })).error).toBeNull();
    expect((await files().download(path)).data?.size).toBe(0);
    expect((await files().info(path)).data?.size).toBe(0);
  });

  test("a type with a parameter is another type to an exact limit, but not to a wildcard", async () => {
    const small = subject.service.storage.from("small");
    const refused = await small.upload(newPath(), "x", { contentType: "text/plain;charset=UTF-8" });
    expect(refused.error).toMatchObject({ statusCode: "415", code: "InvalidMimeType" });
    expect((await small.upload(newPath(), "x", { contentType: "image/svg+xml" })).error).toBeNull();
    const blob = await small.upload(newPath(), new Blob(["x"], { type: "application/pdf" }));
    expect(blob.error).toMatchObject({ statusCode: "415" });
  });

  test("what is over the limit leaves nothing, also when its length was not told", async () => {
    const small = subject.service.storage.from("small");
    for (const body of [new Blob(["x".repeat(1001)], { type: "text/plain" }), endless(5000)]) {
      const path = newPath();
      const { error } = await small.upload(path, body as Blob, { contentType: "text/plain", duplex: "half" });
      expect(error).toMatchObject({ statusCode: "413" });
      expect((await small.exists(path)).data).toBe(false);
    }
  });

  test("an upload that breaks off leaves nothing, and what was there before stays", async () => {
    const path = newPath();
    await files().upload(path, "before");
    const headers = {
      authorization: `Bearer ${subject.secretKey}`,
      "content-type": "text/plain",
      "content-length": 100_000,
    };
    const broken = request(`${subject.url}/storage/v1/object/files/${path}`, { method: "PUT", headers });
    broken.on("error", () => undefined);
    broken.write("half of it");
    await new Promise((resolve) => setTimeout(resolve, 200));
    broken.destroy();
    await expect.poll(async () => (await files().download(path)).data?.text()).toBe("before");
  });
});

describe("answers to a download", () => {
  test("say what they are, and are not sent twice to who has them", async () => {
    const path = newPath();
    await files().upload(path, "0123456789", { contentType: "text/plain", cacheControl: "60" });
    const response = await call(`object/files/${path}`);
    const { headers } = response;
    expect([await response.text(), headers.get("content-type"), headers.get("content-length")]).toEqual([
      "0123456789",
      "text/plain",
      "10",
    ]);
    expect(headers.get("cache-control")).toContain("max-age=60");
    const again = await call(`object/files/${path}`, { headers: { "if-none-match": headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
    const head = await call(`object/authenticated/files/${path}`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
  });

  test.each([
    ["bytes=0-0", "0"],
    ["bytes=7-", "789"],
    ["bytes=-2", "89"],
    ["bytes=8-100", "89"],
  ])("the range %s is %s", async (range, part) => {
    const path = newPath();
    await files().upload(path, "0123456789");
    const response = await call(`object/files/${path}`, { headers: { range } });
    expect([response.status, await response.text()]).toEqual([206, part]);
  });

  test("download= names the file, in any language", async () => {
    const path = newPath();
    await files().upload(path, "x");
    const { data } = await files().createSignedUrl(path, 60);
    const response = await fetch(`${data?.signedUrl}&download=${encodeURIComponent("Überblick 1.txt")}`);
    expect(response.headers.get("content-disposition")).toBe(
      "attachment; filename=%C3%9Cberblick%201.txt; filename*=UTF-8''%C3%9Cberblick%201.txt",
    );
    expect((await fetch(data?.signedUrl ?? "")).headers.get("content-disposition")).toBeNull();
  });

  test("a page is not served as one", async () => {
    const path = newPath("a.html");
    await files().upload(path, "<script>alert(1)</script>", { contentType: "text/html" });
    expect((await call(`object/files/${path}`)).headers.get("content-type")).toBe("text/plain");
  });
});

describe("errors", () => {
  test("have the body of storage-api", async () => {
    const missing = await call(`object/files/${newPath()}`);
    expect([missing.status, await missing.json()]).toEqual([
      400,
      { statusCode: "404", error: "not_found", code: "NoSuchKey", message: "Object not found" },
    ]);
    const noBucket = await call("object/no-such-bucket/a", { method: "POST", body: "x" });
    expect(await noBucket.json()).toMatchObject({ statusCode: "404", code: "NoSuchBucket" });
    const key = await files().upload(newPath("ü"), "x");
    expect(key.error).toMatchObject({ code: "InvalidKey", statusCode: "400", status: 400 });
  });

  test("a path that is no path is the caller's fault", async () => {
    expect((await call("object/files/a%zz")).status).toBe(400);
    expect((await call("object/files/%E0%A4%A", { method: "POST", body: "x" })).status).toBe(400);
    expect((await call("nothing/here")).status).toBe(404);
  });

  test("a body that is no JSON is the caller's fault", async () => {
    const response = await call("object/list/files", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
    });
    expect(response.status).toBe(400);
  });
});

describe("tokens", () => {
  test("of another signer, without a role, or none at all, open nothing", async () => {
    const path = newPath();
    await files().upload(path, "private");
    for (const token of ["a.b.c", forge({ role: "service_role" }, "wrong"), forge({ sub: "someone" }, "wrong")]) {
      expect((await call(`object/files/${path}`, {}, token)).ok).toBe(false);
      expect((await call(`object/files/${newPath()}`, { method: "POST", body: "x" }, token)).ok).toBe(false);
    }
    const bare = await fetch(`${subject.url}/storage/v1/object/files/${newPath()}`, { method: "POST", body: "x" });
    expect(bare.ok).toBe(false);
  });

  test("of a URL are no session, and serve one purpose only", async () => {
    const path = newPath();
    await files().upload(path, "private");
    const read =
      new URL((await files().createSignedUrl(path, 60)).data?.signedUrl ?? "").searchParams.get("token") ?? "";
    expect((await call("object/list/files", { method: "POST", body: "{}" }, read)).ok).toBe(false);
    const other = newPath();
    const write = (await files().createSignedUploadUrl(other)).data?.token ?? "";
    const misused = await fetch(`${subject.url}/storage/v1/object/upload/sign/files/${path}?token=${read}`, {
      method: "PUT",
      body: "x",
    });
    expect(misused.ok).toBe(false);
    expect((await fetch(`${subject.url}/storage/v1/object/sign/files/${other}?token=${write}`)).ok).toBe(false);
  });

  test("a user who may not upload may not sign an upload either", async () => {
    const { client, id } = await subject.signUp();
    const mine = client.storage.from("files");
    expect((await mine.createSignedUploadUrl(newPath())).error).toMatchObject({ statusCode: "403" });
    const path = `${id}/granted.txt`;
    const { data } = await mine.createSignedUploadUrl(path);
    const sent = await subject.anonymous.storage.from("files").uploadToSignedUrl(path, data?.token ?? "", "by another");
    expect(sent.error).toBeNull();
    expect(await (await mine.download(path)).data?.text()).toBe("by another");
  });
});

describe("rows of objects", () => {
  test("belong to who uploaded, and policies see bucket and folder", async () => {
    const { client, id } = await subject.signUp();
    const mine = client.storage.from("files");
    await mine.upload(`${id}/fixed.txt`, "one");
    await mine.upload(`${id}/a.mutable`, "one");
    expect((await mine.update(`${id}/fixed.txt`, "two")).error).toMatchObject({ statusCode: "403" });
    expect((await mine.update(`${id}/a.mutable`, "two")).error).toBeNull();
    expect((await mine.move(`${id}/a.mutable`, `${id}/b.mutable`)).error).toBeNull();
    expect((await mine.move(`${id}/b.mutable`, "elsewhere/b.mutable")).error).not.toBeNull();
    expect(await (await mine.download(`${id}/b.mutable`)).data?.text()).toBe("two");
  });

  test("cannot be deleted by hand, for their files would stay", async () => {
    const path = newPath();
    await files().upload(path, "x");
    const { error } = await subject.service.rpc("delete_by_hand", { p_name: path });
    expect(error).toMatchObject({ code: "42501", message: expect.stringContaining("Storage API") });
    expect((await files().exists(path)).data).toBe(true);
  });

  test("are copied and moved between buckets, and never over one another", async () => {
    const [from, to] = [newPath(), newPath()];
    await files().upload(from, "x", { contentType: "text/plain", metadata: { kept: true } });
    expect((await files().copy(from, to, { destinationBucket: "open" })).data?.path).toBe(`open/${to}`);
    const open = subject.service.storage.from("open");
    expect((await open.info(to)).data).toMatchObject({ contentType: "text/plain", metadata: { kept: true } });
    expect((await files().copy(from, to, { destinationBucket: "open" })).error).toMatchObject({ statusCode: "409" });
    expect((await files().move(from, to, { destinationBucket: "open" })).error).toMatchObject({ statusCode: "409" });
    expect((await files().exists(from)).data).toBe(true);
  });
});

test("a list in pages has every object once, flat or by folder", async () => {
  const [folder] = newPath().split("/");
  const names = ["a", "b/1", "b/2", "c", "d/1", "e"].map((name) => `${folder}/${name}`);
  for (const name of names) await files().upload(name, "x");
  const collect = async (withDelimiter: boolean) => {
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await files().listV2({
        ...{ prefix: `${folder}/`, limit: 2, with_delimiter: withDelimiter },
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (page.error) throw page.error;
      found.push(...[...page.data.objects, ...page.data.folders].map((entry) => entry.name.replace(/\/$/, "")));
      cursor = page.data.nextCursor;
      if (!page.data.hasNext) return found.sort();
    }
  };
  expect(await collect(false)).toEqual(names);
  expect(await collect(true)).toEqual(["a", "b", "c", "d", "e"].map((name) => `${folder}/${name}`));
});

/** Bytes in many pieces whose number is not told beforehand. */
function endless(count: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (let sent = 0; sent < count; sent += 100) controller.enqueue(Buffer.alloc(100, "x"));
      controller.close();
    },
  });
}

function forge(claims: object, secret: string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ ...claims, exp: 4_000_000_000 })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
