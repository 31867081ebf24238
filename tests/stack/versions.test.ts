import { describe, expect, inject, test } from "vitest";
import { bulkAcceptedSchema, chunkListSchema, type DocumentView } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { countRows, openDatabase } from "./database.ts";
import { fixtureFile, makeMarkdown } from "./files.ts";
import { createOwner } from "./owner.ts";

const stack = inject("stack");
const database = openDatabase(stack);
const isReady = (document: DocumentView) => document.status === "ready";

async function readChunkIds(owner: Api, id: string): Promise<string[]> {
  const response = await owner.call(`/api/documents/${id}/chunks?limit=100`);
  return chunkListSchema.parse(await response.json()).chunks.map((chunk) => chunk.id);
}

async function reprocess(owner: Api, id: string): Promise<void> {
  const before = await countRows(database, "ingestion_jobs", "document_id", id);
  expect((await owner.call(`/api/documents/${id}/reprocess`, { method: "POST" })).status).toBe(202);
  await waitForJob(id, before + 1);
}

async function waitForJob(documentId: string, number: number): Promise<void> {
  await waitUntil(`Job ${number} of ${documentId} is not ready`, 90_000, async () => {
    const { data } = await database
      .from("ingestion_jobs")
      .select("status")
      .eq("document_id", documentId)
      .eq("number", number);
    return data?.[0]?.status === "ready";
  });
}

async function rollBack(owner: Api, id: string): Promise<{ status: number; code?: string; document?: DocumentView }> {
  const response = await owner.call(`/api/documents/${id}/rollback`, { method: "POST" });
  return { status: response.status, ...((await response.json()) as { code?: string; document?: DocumentView }) };
}

describe("rolling back", () => {
  test("the former index is served again, found by search, and the next reprocess replaces it", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(fixtureFile("samples/support-runbook.md"));
    await owner.follow(id, isReady);
    expect(await rollBack(owner, id)).toMatchObject({ status: 409, code: "rollback_unavailable" });

    const first = await readChunkIds(owner, id);
    await reprocess(owner, id);
    const second = await readChunkIds(owner, id);
    expect(second.filter((chunkId) => first.includes(chunkId))).toEqual([]);

    expect(await rollBack(owner, id)).toMatchObject({ status: 200, document: { status: "ready", canRollBack: true } });
    expect(await readChunkIds(owner, id)).toEqual(first);
    const found = await database.from("chunks").select("id").eq("document_id", id);
    expect(found.data).toHaveLength(first.length + second.length);
    expect(await owner.search("refund")).not.toHaveLength(0);

    await reprocess(owner, id);
    await waitUntil("The passages of two jobs ago are still there", 30_000, async () => {
      const { data } = await database.from("chunks").select("id").eq("document_id", id);
      return data?.length === 2 * first.length && data.every((chunk) => !second.includes(chunk.id));
    });
  });

  test("is refused while the document is in work, and to those whom it does not belong to", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(makeMarkdown("roll-back.md", 2));
    await owner.follow(id, isReady);
    await owner.call(`/api/documents/${id}/reprocess`, { method: "POST" });
    expect([200, 409]).toContain((await rollBack(owner, id)).status);
    expect(await rollBack(await createOwner(stack), id)).toMatchObject({ status: 404, code: "document_not_found" });
  });
});

describe("bulk reprocess", () => {
  const ask = async (owner: Api, body: unknown) => {
    const response = await owner.call("/api/documents/reprocess", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { code?: string } };
  };

  test("queues the documents that are meant, once each, and pays for nothing again", async () => {
    const owner = await createOwner(stack);
    const files = ["one.md", "two.md", "three.md"].map((name) => makeMarkdown(name, 3));
    const [one, two, three] = await Promise.all(files.map((file) => owner.upload(file)));
    if (!one || !two || !three) throw new Error("There are not three documents.");
    for (const { id } of [one, two, three]) await owner.follow(id, isReady);

    const some = await ask(owner, { ids: [one.id, two.id] });
    expect([some.status, bulkAcceptedSchema.parse(some.body).count]).toEqual([202, 2]);
    await Promise.all([one, two].map(({ id }) => waitForJob(id, 2)));
    expect(await countRows(database, "ingestion_jobs", "document_id", three.id)).toBe(1);
    expect((await owner.read(one.id)).usage).toMatchObject({ tokens: 0, requests: 0 });

    expect(bulkAcceptedSchema.parse((await ask(owner, {})).body).count).toBe(3);
    await Promise.all([waitForJob(one.id, 3), waitForJob(two.id, 3), waitForJob(three.id, 2)]);
    expect(bulkAcceptedSchema.parse((await ask(owner, { model: "another" })).body).count).toBe(0);
  });

  test("takes the failed ones, and means nobody else's", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(fixtureFile("refused/truncated.pdf"));
    await owner.follow(id, ({ status }) => status === "error");
    const other = await createOwner(stack);
    expect(bulkAcceptedSchema.parse((await ask(other, { ids: [id] })).body).count).toBe(0);
    expect(bulkAcceptedSchema.parse((await ask(owner, { status: "error" })).body).count).toBe(1);
    await waitUntil("There is no second job", 60_000, async () => {
      return (await countRows(database, "ingestion_jobs", "document_id", id)) === 2;
    });
    await owner.follow(id, ({ status }) => status === "error");
  });

  test("the same event twice queues each document once", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(makeMarkdown("bulk-event.md", 2));
    await owner.follow(id, isReady);
    const event = { id: crypto.randomUUID(), name: "documents.reprocess.requested", data: { ownerId: owner.userId } };
    for (let time = 0; time < 2; time += 1) {
      const sent = await fetch(`${stack.engineUrl}/e/test`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(event),
      });
      expect(sent.ok).toBe(true);
    }
    await waitForJob(id, 2);
    expect(await countRows(database, "ingestion_jobs", "document_id", id)).toBe(2);
  });

  test("a filter that makes no sense is refused", async () => {
    const owner = await createOwner(stack);
    for (const body of [{ status: "lost" }, { ids: ["x"] }, { everything: true }]) {
      expect(await ask(owner, body)).toMatchObject({ status: 400, body: { code: "request_invalid" } });
    }
  });
});
