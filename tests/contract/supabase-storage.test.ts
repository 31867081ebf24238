import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SupabaseSubject, startSupabaseSubject } from "./supabase-subject.ts";

let subject: SupabaseSubject;
beforeAll(async () => {
  subject = await startSupabaseSubject();
});
afterAll(() => subject.stop());

/** The bucket as the service sees it, and a folder of the test's own. */
const files = () => subject.service.storage.from("files");
const newFolder = () => `test-${crypto.randomUUID()}`;
const read = async (path: string) =>
  Buffer.from((await (await files().download(path)).data?.arrayBuffer()) ?? new ArrayBuffer(0));

describe("uploading", () => {
  const text = "The quay, the tide, the lantern.";
  test.each([
    ["a Buffer", () => Buffer.from(text)],
    ["an ArrayBuffer", () => new TextEncoder().encode(text).buffer],
    ["a Blob", () => new Blob([text], { type: "text/plain" })],
    ["a File", () => new File([text], "a.txt", { type: "text/plain" })],
    ["a string", () => text],
    ["a stream", () => Readable.toWeb(Readable.from([text.slice(0, 10), text.slice(10)]))],
    [
      "multipart",
      () => {
        const form = new FormData();
        form.append("", new File([text], "a.txt", { type: "text/plain" }));
        return form;
      },
    ],
  ])("%s arrives byte for byte, with its type", async (_name, make) => {
    const path = `${newFolder()}/a.txt`;
    const { data, error } = await files().upload(path, make() as string, { contentType: "text/plain", duplex: "half" });
    expect([error, data?.path]).toEqual([null, path]);
    expect((await read(path)).toString()).toBe(text);
    const { data: info } = await files().info(path);
    expect(info).toMatchObject({ size: text.length, contentType: expect.stringContaining("text/plain") });
  });

  test("twice to one path is refused, with upsert it replaces", async () => {
    const path = `${newFolder()}/a.txt`;
    await files().upload(path, "one");
    const again = await files().upload(path, "two");
    expect(again.error).toMatchObject({ message: "The resource already exists", statusCode: "409" });
    expect((await files().upload(path, "three", { upsert: true })).error).toBeNull();
    expect((await read(path)).toString()).toBe("three");
    expect((await files().update(path, Buffer.from("four"))).error).toBeNull();
    expect((await read(path)).toString()).toBe("four");
  });

  test("fifty megabytes from a stream arrive whole", async () => {
    const folder = mkdtempSync(join(tmpdir(), "storage-"));
    const source = join(folder, "large");
    writeFileSync(source, Buffer.alloc(50 * 1024 * 1024, "knowledge"));
    const path = `${newFolder()}/large.bin`;
    const { error } = await files().upload(path, Readable.toWeb(createReadStream(source)) as never, { duplex: "half" });
    expect(error).toBeNull();
    expect((await files().info(path)).data?.size).toBe(50 * 1024 * 1024);
    rmSync(folder, { recursive: true });
  });

  test("size and type limits of a bucket hold, by wildcard and without parameters", async () => {
    const small = subject.service.storage.from("small");
    const folder = newFolder();
    expect((await small.upload(`${folder}/a`, "x".repeat(1001), { contentType: "text/plain" })).error).toMatchObject({
      statusCode: "413",
    });
    expect((await small.upload(`${folder}/b`, "x", { contentType: "text/plain" })).error).toBeNull();
    expect((await small.upload(`${folder}/c`, "x", { contentType: "image/png" })).error).toBeNull();
    expect((await small.upload(`${folder}/d`, "x", { contentType: "application/pdf" })).error).toMatchObject({
      statusCode: "415",
    });
    expect((await small.list(folder)).data?.map((entry) => entry.name)).toEqual(["b", "c"]);
  });

  test.each(["ünïcode.txt", "名前.txt", "a%b.txt", "a^b.txt", "[a].txt"])(
    "a key with other than ASCII is refused: %s",
    async (name) => {
      const { error } = await files().upload(`${newFolder()}/${name}`, "x");
      expect(error).toMatchObject({ statusCode: "400" });
    },
  );
});

describe("reading", () => {
  test("a missing object is a clear error, and exists says no without throwing", async () => {
    const path = `${newFolder()}/none`;
    expect((await files().download(path)).error).not.toBeNull();
    expect((await files().exists(path)).data).toBe(false);
    await files().upload(path, "x");
    expect((await files().exists(path)).data).toBe(true);
  });

  test("a range is answered with that part", async () => {
    const path = `${newFolder()}/a`;
    await files().upload(path, "0123456789");
    const { data } = await files().createSignedUrl(path, 60);
    const response = await fetch(data?.signedUrl ?? "", { headers: { range: "bytes=2-5" } });
    expect([response.status, await response.text(), response.headers.get("content-range")]).toEqual([
      206,
      "2345",
      "bytes 2-5/10",
    ]);
  });

  test("a list has names, folders, order, search, limit and offset", async () => {
    const folder = newFolder();
    for (const name of ["b.txt", "a.txt", "c.md", "deep/d.txt"]) await files().upload(`${folder}/${name}`, name);
    const { data } = await files().list(folder);
    expect(data?.map((entry) => [entry.name, entry.id === null])).toEqual([
      ["a.txt", false],
      ["b.txt", false],
      ["c.md", false],
      ["deep", true],
    ]);
    expect((await files().list(folder, { search: "b.t" })).data?.map((entry) => entry.name)).toEqual(["b.txt"]);
    expect((await files().list(folder, { limit: 1, offset: 1 })).data?.map((entry) => entry.name)).toEqual(["b.txt"]);
    const falling = await files().list(folder, { sortBy: { column: "name", order: "desc" } });
    expect(falling.data?.filter((entry) => entry.id).map((entry) => entry.name)).toEqual(["c.md", "b.txt", "a.txt"]);
    expect((await files().list(`${folder}/deep`)).data?.map((entry) => entry.name)).toEqual(["d.txt"]);
    expect((await files().list(newFolder())).data).toEqual([]);
  });

  test("a public bucket is read without a key, a private one is not", async () => {
    const path = `${newFolder()}/a.txt`;
    const open = subject.service.storage.from("open");
    await open.upload(path, "for all");
    expect(await (await fetch(open.getPublicUrl(path).data.publicUrl)).text()).toBe("for all");
    await files().upload(path, "for few");
    expect((await fetch(files().getPublicUrl(path).data.publicUrl)).ok).toBe(false);
  });
});

describe("changing", () => {
  test("move, copy and remove do what they say", async () => {
    const folder = newFolder();
    await files().upload(`${folder}/a`, "text");
    expect((await files().move(`${folder}/a`, `${folder}/b`)).error).toBeNull();
    expect((await files().copy(`${folder}/b`, `${folder}/c`)).error).toBeNull();
    expect((await files().list(folder)).data?.map((entry) => entry.name)).toEqual(["b", "c"]);
    expect((await read(`${folder}/c`)).toString()).toBe("text");
    const { data } = await files().remove([`${folder}/b`, `${folder}/none`]);
    expect(data?.map((entry) => entry.name)).toEqual([`${folder}/b`]);
    expect((await files().move(`${folder}/none`, `${folder}/x`)).error).not.toBeNull();
  });

  test("buckets are made, listed, changed, emptied and deleted", async () => {
    const { storage } = subject.service;
    const name = `bucket-${crypto.randomUUID()}`;
    expect((await storage.createBucket(name, { public: false, fileSizeLimit: 2000 })).error).toBeNull();
    expect((await storage.createBucket(name)).error).not.toBeNull();
    expect((await storage.getBucket(name)).data).toMatchObject({ name, public: false, file_size_limit: 2000 });
    expect((await storage.listBuckets()).data?.map((bucket) => bucket.name)).toContain(name);
    expect((await storage.updateBucket(name, { public: true })).error).toBeNull();
    await storage.from(name).upload("a", "x");
    expect((await storage.deleteBucket(name)).error).not.toBeNull();
    expect((await storage.emptyBucket(name)).error).toBeNull();
    expect((await storage.deleteBucket(name)).error).toBeNull();
  });
});

describe("signed URLs", () => {
  test("read one object for a while, under a name if asked", async () => {
    const path = `${newFolder()}/a.txt`;
    await files().upload(path, "signed", { contentType: "text/plain" });
    const { data } = await files().createSignedUrl(path, 60, { download: "Überblick.txt" });
    const response = await fetch(data?.signedUrl ?? "");
    expect(await response.text()).toBe("signed");
    expect(response.headers.get("content-disposition")).toContain("attachment");
    const several = await files().createSignedUrls([path, `${path}.none`], 60);
    expect(several.data?.map((entry) => Boolean(entry.signedUrl))).toEqual([true, false]);
  });

  test("a token that was changed, or is for another object, is refused", async () => {
    const folder = newFolder();
    await files().upload(`${folder}/a`, "a");
    await files().upload(`${folder}/b`, "b");
    const { data } = await files().createSignedUrl(`${folder}/a`, 60);
    const url = data?.signedUrl ?? "";
    expect((await fetch(`${url}x`)).status).toBe(400);
    expect((await fetch(url.replace(`${folder}/a`, `${folder}/b`))).status).toBe(400);
    const expired = await files().createSignedUrl(`${folder}/a`, -10);
    if (expired.data) expect((await fetch(expired.data.signedUrl)).status).toBe(400);
  });

  test("take one upload, also as a plain PUT, and only one", async () => {
    const path = `${newFolder()}/a.txt`;
    const { data } = await files().createSignedUploadUrl(path);
    if (!data) throw new Error("There is no URL.");
    const put = await fetch(data.signedUrl, {
      method: "PUT",
      headers: { "content-type": "text/plain" },
      body: "by PUT",
    });
    expect(put.status).toBe(200);
    expect((await read(path)).toString()).toBe("by PUT");
    const other = `${newFolder()}/b.txt`;
    const granted = await files().createSignedUploadUrl(other);
    const anonymous = subject.anonymous.storage.from("files");
    const sent = await anonymous.uploadToSignedUrl(
      other,
      granted.data?.token ?? "",
      new Blob(["by client"], { type: "text/plain" }),
    );
    expect(sent.error).toBeNull();
    expect((await read(other)).toString()).toBe("by client");
    expect((await fetch(data.signedUrl, { method: "PUT", body: "again" })).ok).toBe(false);
  });
});

test("users read and write their own folder, and nobody else's", async () => {
  const [first, second] = await Promise.all([subject.signUp(), subject.signUp()]);
  const mine = first.client.storage.from("files");
  const theirs = second.client.storage.from("files");
  const path = `${first.id}/a.txt`;
  expect((await mine.upload(path, "mine")).error).toBeNull();
  expect((await theirs.upload(`${first.id}/b.txt`, "theirs")).error).toMatchObject({ statusCode: "403" });
  expect((await theirs.download(path)).data).toBeNull();
  expect((await theirs.list(first.id)).data).toEqual([]);
  expect((await mine.list(first.id)).data).toHaveLength(1);
  expect((await theirs.createSignedUrl(path, 60)).error).not.toBeNull();
  // No policy lets a user delete or replace.
  await mine.remove([path]);
  expect((await mine.upload(path, "other", { upsert: true })).error).not.toBeNull();
  expect((await read(path)).toString()).toBe("mine");
  const nobody = createClient(subject.url, subject.publishableKey).storage.from("files");
  expect((await nobody.download(path)).data).toBeNull();
});
