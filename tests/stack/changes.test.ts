import { describe, expect, inject, test } from "vitest";
import { type Accepted, acceptedSchema, type DocumentView } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { countRows, listObjects, openDatabase } from "./database.ts";
import { fixtureFile, makeMarkdown } from "./files.ts";
import { createOwner } from "./owner.ts";

const stack = inject("stack");
const database = openDatabase(stack);
const isReady = (document: DocumentView) => document.status === "ready";

async function postFile(owner: Api, file: File): Promise<{ status: number; accepted: Accepted }> {
  const body = new FormData();
  body.set("file", file);
  const response = await owner.call("/api/documents", { method: "POST", body });
  return { status: response.status, accepted: acceptedSchema.parse(await response.json()) };
}

describe("duplicates", () => {
  test("the same bytes again are the same document, and nothing is stored twice", async () => {
    const owner = await createOwner(stack);
    const first = await postFile(owner, fixtureFile("samples/all-hands-notes.txt"));
    expect([first.status, first.accepted.duplicate]).toEqual([202, false]);
    const second = await postFile(owner, fixtureFile("samples/all-hands-notes.txt", "other-name.txt"));
    expect([second.status, second.accepted.duplicate]).toEqual([200, true]);
    expect(second.accepted.document.id).toBe(first.accepted.document.id);
    expect(await listObjects(database, "documents", owner.userId)).toHaveLength(1);
  });

  test("three uploads of the same bytes at once make one document with one job", async () => {
    const owner = await createOwner(stack);
    const file = makeMarkdown("race.md", 5);
    const answers = await Promise.all([1, 2, 3].map(() => postFile(owner, file)));
    const ids = new Set(answers.map(({ accepted }) => accepted.document.id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ accepted }) => !accepted.duplicate)).toHaveLength(1);
    const [id = ""] = ids;
    await owner.follow(id, isReady);
    expect(await countRows(database, "ingestion_jobs", "document_id", id)).toBe(1);
    expect(await listObjects(database, "documents", owner.userId)).toHaveLength(1);
  });
});

describe("reprocess", () => {
  test("builds a new index beside the served one and pays for no passage again", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(fixtureFile("samples/support-runbook.md"));
    const before = await owner.follow(id, isReady);
    const response = await owner.call(`/api/documents/${id}/reprocess`, { method: "POST" });
    expect(response.status).toBe(202);
    expect(await owner.search("refund")).not.toHaveLength(0);

    const jobs = async () =>
      (await database.from("ingestion_jobs").select("id, number, status").eq("document_id", id).order("number")).data;
    await waitUntil("The second job is not ready", 60_000, async () => (await jobs())?.[1]?.status === "ready");
    const after = await owner.read(id);
    expect(after.status).toBe("ready");
    expect(after.chunkCount).toBe(before.chunkCount);
    expect(after.usage).toEqual({ inputs: 0, tokens: 0, requests: 0, reusedChunks: before.chunkCount });
    expect(after.canRollBack).toBe(true);
  });

  test("of a file in which one paragraph was changed only that passage is paid for", async () => {
    const owner = await createOwner(stack);
    const file = makeMarkdown("paragraphs.md", 12);
    const { id } = await owner.upload(file);
    const before = await owner.follow(id, isReady);
    expect(before.usage).toMatchObject({ inputs: before.chunkCount, reusedChunks: 0 });
    const text = (await file.text()).replace("Paragraph 7 of", "The changed paragraph 7 of");
    const changed = await owner.upload(new File([text], "paragraphs.md"));
    const after = await owner.follow(changed.id, isReady);
    expect(after.chunkCount).toBe(before.chunkCount);
    expect(after.usage).toMatchObject({ inputs: 1, requests: 1, reusedChunks: before.chunkCount - 1 });
  });

  test("an event with nothing but the document's id is enough", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(makeMarkdown("by-event.md", 3));
    await owner.follow(id, isReady);
    const sent = await fetch(`${stack.engineUrl}/e/test`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "document.reprocess.requested", data: { documentId: id } }),
    });
    expect(sent.ok).toBe(true);
    await waitUntil("There is no second job that is ready", 60_000, async () => {
      const { data } = await database.from("ingestion_jobs").select("status").eq("document_id", id).eq("number", 2);
      return data?.[0]?.status === "ready";
    });
  });
});

describe("cancel and delete", () => {
  test("a cancelled document stops, and can be taken up again by the same upload", async () => {
    const owner = await createOwner(stack);
    const file = makeMarkdown("cancel.md", 3000);
    const { id } = await owner.upload(file);
    const response = await owner.call(`/api/documents/${id}/cancel`, { method: "POST" });
    expect(response.status).toBe(202);
    expect((await owner.read(id)).status).toBe("cancelled");
    const again = await owner.call(`/api/documents/${id}/cancel`, { method: "POST" });
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([409, "document_busy"]);
    const stored = await countRows(database, "chunks", "document_id", id);

    const retried = await postFile(owner, file);
    expect(retried.accepted).toMatchObject({ duplicate: true, document: { id } });
    const ready = await owner.follow(id, isReady, 150_000);
    expect(ready.chunkCount).toBeGreaterThan(stored);
  });

  test("a deleted document is unseen at once, and leaves no row, object or vector", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(fixtureFile("samples/employee-handbook.pdf"));
    await owner.follow(id, isReady);
    const response = await owner.call(`/api/documents/${id}`, { method: "DELETE" });
    expect(response.status).toBe(202);
    expect((await owner.call(`/api/documents/${id}`)).status).toBe(404);
    expect(await owner.search("parental leave")).toEqual([]);
    await waitUntil("The document is not gone", 30_000, async () => {
      return (await countRows(database, "documents", "id", id)) === 0;
    });
    for (const table of ["chunks", "embedding_cache", "ingestion_jobs", "ingestion_events"] as const) {
      expect(await countRows(database, table, "document_id", id), table).toBe(0);
    }
    expect(await listObjects(database, "documents", owner.userId)).toEqual([]);
    expect(await listObjects(database, "ingestion", owner.userId)).toEqual([]);
  });

  test("a document can be deleted while it is in work, and no late worker brings it back", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(makeMarkdown("in-work.md", 3000));
    await owner.follow(id, (document) => document.progress.chunksEmbedded > 0 || document.status === "ready");
    expect((await owner.call(`/api/documents/${id}`, { method: "DELETE" })).status).toBe(202);
    await waitUntil("The document is not gone", 60_000, async () => {
      return (await countRows(database, "documents", "id", id)) === 0;
    });
    expect(await countRows(database, "chunks", "document_id", id)).toBe(0);
  });
});
