import { expect, inject, test } from "vitest";
import { documentListSchema } from "#lib/documents/schema.ts";
import { createUserClient } from "#lib/supabase/clients.ts";
import { fixtureFile } from "./files.ts";
import { createOwner } from "./owner.ts";

const stack = inject("stack");

test("a second user sees none of the first one's documents, passages, search results or files", async () => {
  const [owner, stranger] = await Promise.all([createOwner(stack), createOwner(stack)]);
  const { id } = await owner.upload(fixtureFile("samples/employee-handbook.pdf"));
  await owner.follow(id, (document) => document.status === "ready");
  expect(await owner.search("parental leave")).not.toHaveLength(0);

  const list = documentListSchema.parse(await (await stranger.call("/api/documents")).json());
  expect(list).toMatchObject({ documents: [], counts: { ready: 0 } });
  expect(await stranger.search("parental leave")).toEqual([]);
  for (const path of ["", "/chunks", "/events", "/file"]) {
    expect((await stranger.call(`/api/documents/${id}${path}`)).status, path).toBe(404);
  }
  for (const [path, method] of [
    ["", "DELETE"],
    ["/cancel", "POST"],
    ["/reprocess", "POST"],
  ] as const) {
    expect((await stranger.call(`/api/documents/${id}${path}`, { method })).status, path).toBe(404);
  }
  expect((await owner.read(id)).status).toBe("ready");
});

test("past the API, the database and Storage keep users apart and off what is not theirs to call", async () => {
  const [owner, stranger] = await Promise.all([createOwner(stack), createOwner(stack)]);
  const { id } = await owner.upload(fixtureFile("samples/support-runbook.md"));
  await owner.follow(id, (document) => document.status === "ready");
  const address = { SUPABASE_URL: stack.supabaseUrl, SUPABASE_PUBLISHABLE_KEY: stack.publishableKey };
  const theirs = createUserClient(address, stranger.token);

  for (const table of ["documents", "ingestion_jobs", "chunks", "ingestion_events", "document_overviews"] as const) {
    const { data, error } = await theirs.from(table as "documents").select("*");
    expect([table, error, data]).toEqual([table, null, []]);
  }
  for (const table of ["outbox", "embedding_cache", "uploads"] as const) {
    const { error } = await theirs.from(table as "documents").select("*");
    expect([table, error?.code]).toEqual([table, "42501"]);
  }
  const own = createUserClient(address, owner.token);
  const { error: written } = await own.from("documents").update({ status: "ready" }).eq("id", id);
  expect(written?.code).toBe("42501");
  const { error: called } = await own.rpc("delete_document", { p_owner_id: owner.userId, p_document_id: id });
  expect(called?.code).toBe("42501");

  const key = `${owner.userId}/${id}/source`;
  expect((await own.storage.from("documents").download(key)).error).toBeNull();
  expect((await theirs.storage.from("documents").download(key)).data).toBeNull();
  expect((await own.storage.from("documents").upload(`${owner.userId}/x/source`, "x")).error).not.toBeNull();
  expect((await own.storage.from("ingestion").list(`${owner.userId}/${id}`)).data).toEqual([]);
});
