import { readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { acceptDirectUpload } from "#lib/documents/accept-direct-upload.ts";
import { adoptUploads } from "#lib/documents/adopt-uploads.ts";
import { deleteDocument } from "#lib/documents/delete-document.ts";
import { grantUpload } from "#lib/documents/grant-upload.ts";
import { holdUpload } from "#lib/documents/hold-upload.ts";
import { readUnsent } from "#lib/documents/outbox.ts";
import { queueReprocessPage } from "#lib/documents/queue-reprocess-page.ts";
import { removeDeleted } from "#lib/documents/remove-deleted.ts";
import type { Env } from "#lib/env.ts";
import { pipelineSettings } from "#lib/ingestion/pipeline-settings.ts";
import { createServiceClient, type Supabase } from "#lib/supabase/clients.ts";
import { unwrap } from "#lib/supabase/unwrap.ts";
import { type EmbeddedSupabase, startEmbeddedSupabase } from "#tests/embedded/supabase.ts";

// What is done with documents and uploads, with the product's schema.
let server: EmbeddedSupabase;
let deps: { supabase: Supabase; env: Env };

beforeAll(async () => {
  server = await startEmbeddedSupabase({ migrationsDir: resolve("supabase/migrations") });
  const env = {
    SUPABASE_URL: server.url,
    SUPABASE_SECRET_KEY: server.secretKey,
    MAX_FILE_BYTES: 1024 * 1024,
    CHUNK_TOKENS: 400,
    CHUNK_OVERLAP_TOKENS: 50,
    EMBEDDING_MODEL: "m",
    EMBEDDING_DIMENSIONS: 512,
  } as Env;
  deps = { supabase: createServiceClient(env), env };
});
afterAll(() => server?.stop());

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const idle = { adopted: [], refused: 0, failed: 0, expired: 0 };

async function addOwner(): Promise<string> {
  const email = `${crypto.randomUUID()}@example.com`;
  const { data, error } = await deps.supabase.auth.admin.createUser({ email, password: crypto.randomUUID() });
  if (error) throw error;
  return data.user.id;
}

/** A grant of so many minutes ago, which expires two hours after it; without a text its file never came. */
async function grant(ownerId: string, text: string | null, minutes: number): Promise<string> {
  const { uploadId, signedUrl } = await grantUpload(deps, { ownerId, fileName: "notes.md", sizeBytes: 10 });
  if (text) expect((await fetch(signedUrl, { method: "PUT", body: text })).ok).toBe(true);
  const times = { created_at: minutesAgo(minutes), expires_at: minutesAgo(minutes - 120) };
  unwrap(await deps.supabase.from("uploads").update(times).eq("id", uploadId));
  return uploadId;
}

const grantsOf = async (ownerId: string) =>
  unwrap(await deps.supabase.from("uploads").select("id").eq("owner_id", ownerId)).map(({ id }) => id);
const documentsOf = async (ownerId: string) =>
  unwrap(await deps.supabase.from("documents").select("id").eq("owner_id", ownerId)).map(({ id }) => id);

/** Takes the file with this text away behind Storage's back, which then answers 500 for it. */
async function breakObject(text: string): Promise<void> {
  const folder = join(server.dataDir, "storage", "objects");
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(path, "utf8")) === text) await rm(path);
  }
}

describe("the sweep of uploads", () => {
  test("goes on past an upload that Storage cannot give, and forgets it when it expires", async () => {
    const [ill, well] = [await addOwner(), await addOwner()];
    const broken = await grant(ill, "This will be unreadable.", 30);
    await breakObject("This will be unreadable.");
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const arrived = await grant(well, "This can be read.", 20);
    expect(await adoptUploads(deps)).toEqual({ ...idle, adopted: [arrived], failed: 1 });
    expect(await grantsOf(ill)).toEqual([broken]);
    unwrap(
      await deps.supabase
        .from("uploads")
        .update({ expires_at: minutesAgo(1) })
        .eq("id", broken),
    );
    expect(await adoptUploads(deps)).toEqual({ ...idle, expired: 1 });
    expect(await grantsOf(ill)).toEqual([]);
    expect(said).toHaveBeenCalledTimes(2);
    expect(said).toHaveBeenCalledWith(expect.stringContaining("storage_unavailable"));
    said.mockRestore();
  });

  test("forgets an upload whose document was deleted before its grant was gone", async () => {
    const [owner, other] = [await addOwner(), await addOwner()];
    const uploadId = await grant(owner, "This becomes a document, and goes.", 30);
    const row = unwrap(await deps.supabase.from("uploads").select("*").eq("id", uploadId).single());
    await acceptDirectUpload(deps, { ownerId: owner, uploadId });
    await deleteDocument(deps, { ownerId: owner, documentId: uploadId });
    // What a process has left that ended in between.
    unwrap(await deps.supabase.from("uploads").insert(row));
    const arrived = await grant(other, "This comes after it.", 20);
    expect(await adoptUploads(deps)).toEqual({ ...idle, adopted: [arrived] });
    expect(await grantsOf(owner)).toEqual([]);
    const again = acceptDirectUpload(deps, { ownerId: owner, uploadId });
    await expect(again).rejects.toMatchObject({ code: "upload_not_found" });
    expect(unwrap(await deps.supabase.from("documents").select("deleted_at").eq("id", uploadId).single())).not.toEqual({
      deleted_at: null,
    });
  });

  test("sees to all that arrived, whatever there is of grants without a file", async () => {
    const [idler, owner] = [await addOwner(), await addOwner()];
    const empty = await Promise.all(Array.from({ length: 60 }, () => grant(idler, null, 30)));
    const texts = Array.from({ length: 55 }, (_, index) => `This is file ${index}.`);
    const arrived = await Promise.all(texts.map((text) => grant(owner, text, 20)));
    const { adopted, ...rest } = await adoptUploads(deps);
    expect(adopted.toSorted()).toEqual(arrived.toSorted());
    expect(rest).toEqual({ refused: 0, failed: 0, expired: 0 });
    expect((await documentsOf(owner)).toSorted()).toEqual(arrived.toSorted());
    expect(await grantsOf(idler)).toHaveLength(60);
    unwrap(
      await deps.supabase
        .from("uploads")
        .update({ expires_at: minutesAgo(1) })
        .in("id", empty),
    );
    expect(await adoptUploads(deps)).toEqual({ ...idle, expired: 60 });
  });

  test("leaves a file alone whose cost is being told since the sweep has begun", async () => {
    const owner = await addOwner();
    const wanted = await grant(owner, "This is held while it is read.", 30);
    const reading = deps.supabase.storage.from("documents");
    const download = vi.spyOn(Object.getPrototypeOf(reading), "download");
    download.mockImplementationOnce(async (key) => {
      await holdUpload(deps, { ownerId: owner, uploadId: wanted });
      return await reading.download(String(key));
    });
    expect(await adoptUploads(deps)).toEqual(idle);
    download.mockRestore();
    expect(await documentsOf(owner)).toEqual([]);
    expect(await grantsOf(owner)).toEqual([wanted]);
    expect(await acceptDirectUpload(deps, { ownerId: owner, uploadId: wanted })).toMatchObject({ documentId: wanted });
  });
});

describe("the sweep of deleted documents", () => {
  test("removes what a lost run has left, its file and its row, and goes on past what cannot be removed", async () => {
    const owner = await addOwner();
    const [first = "", second = "", young = ""] = await Promise.all(
      ["one", "two", "three"].map(async (text) => {
        const documentId = await grant(owner, `This is number ${text}.`, 30);
        await acceptDirectUpload(deps, { ownerId: owner, uploadId: documentId });
        await deleteDocument(deps, { ownerId: owner, documentId });
        return documentId;
      }),
    );
    const age = async (id: string, minutes: number) =>
      unwrap(
        await deps.supabase
          .from("documents")
          .update({ deleted_at: minutesAgo(minutes) })
          .eq("id", id),
      );
    await age(first, 90);
    await age(second, 80);
    await age(young, 30);
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const bucket = Object.getPrototypeOf(deps.supabase.storage.from("documents"));
    const away = vi.spyOn(bucket, "list").mockResolvedValueOnce({ data: null, error: new Error("away") });
    expect(await removeDeleted(deps)).toEqual({ removed: 1, failed: 1 });
    away.mockRestore();
    expect((await documentsOf(owner)).toSorted()).toEqual([first, young].toSorted());
    expect(await removeDeleted(deps)).toEqual({ removed: 1, failed: 0 });
    expect(await documentsOf(owner)).toEqual([young]);
    const { data } = await deps.supabase.storage.from("documents").list(owner);
    expect(data?.map(({ name }) => name)).toEqual([young]);
    expect(said).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("storage_unavailable"));
    said.mockRestore();
  });
});

test("an id in capitals finds the same document's events, and is meant by a bulk reprocess", async () => {
  const owner = await addOwner();
  const documentId = await grant(owner, "This is asked for in capitals.", 0);
  await acceptDirectUpload(deps, { ownerId: owner, uploadId: documentId });
  const loud = documentId.toUpperCase();
  expect(await readUnsent(deps, { documentId: loud })).toHaveLength(1);
  const settings = { ...pipelineSettings(deps.env), model: "another" };
  const request = { requestId: crypto.randomUUID(), filter: { ids: [loud] }, settings, after: null };
  expect((await queueReprocessPage(deps, request)).events).toHaveLength(1);
});
