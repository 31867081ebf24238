import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addOwner, openSchema, randomHash, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());

interface File {
  id?: string;
  sha256: string;
  title?: string;
  titleGiven?: boolean;
  fileName?: string;
  mediaType?: string;
  unasked?: boolean;
}

async function registerFile(ownerId: string, { id = randomUUID(), ...file }: File) {
  const facts = { title: "notes", titleGiven: false, fileName: "notes.json", mediaType: "application/json" };
  const document = { ...facts, ...file, id, sizeBytes: 10, storageKey: `${ownerId}/${id}/source` };
  return await schema.query<{ document_id: string; duplicate: boolean }>(
    "select document_id, duplicate from public.register_document($1, $2, $3)",
    [ownerId, document, {}],
  );
}

async function failJob(documentId: string): Promise<void> {
  const [job] = await schema.query<{ id: string }>("select id from public.ingestion_jobs where document_id = $1", [
    documentId,
  ]);
  await start(schema, documentId, job?.id ?? "", "run-1");
  const error = { code: "file_corrupt", message: "It never closes." };
  await schema.query("select public.fail_job($1, $2, $3)", [job?.id, "run-1", error]);
}

const describeDocument = async (documentId: string) =>
  (
    await schema.query("select title, title_given, file_name, media_type, status from public.documents where id = $1", [
      documentId,
    ])
  )[0];
async function grant(ownerId: string, { id = randomUUID(), isHeld = false } = {}): Promise<string> {
  await schema.query(
    `insert into public.uploads (id, owner_id, file_name, size_bytes, storage_key, expires_at, awaits_consent)
     values ($1, $2, 'f', 1, $3, now(), $4)`,
    [id, ownerId, `key-of-${id}`, isHeld],
  );
  return id;
}
const isGranted = async (id: string) =>
  (await schema.query("select 1 from public.uploads where id = $1", [id])).length > 0;

describe("a file that comes again", () => {
  const text = { title: "minutes", fileName: "minutes.txt", mediaType: "text/plain" };

  test("after it has failed is read by the name and the type that it has now", async () => {
    const owner = await addOwner(schema);
    const sha256 = randomHash();
    const [first] = await registerFile(owner, { sha256 });
    const documentId = first?.document_id ?? "";
    await failJob(documentId);
    expect(await registerFile(owner, { sha256, ...text })).toEqual([{ document_id: documentId, duplicate: true }]);
    expect(await describeDocument(documentId)).toEqual({
      title: "minutes",
      title_given: false,
      file_name: "minutes.txt",
      media_type: "text/plain",
      status: "queued",
    });
    const jobs = await schema.query("select number from public.ingestion_jobs where document_id = $1", [documentId]);
    expect(jobs).toHaveLength(2);
  });

  test("after it was cancelled keeps the title that its owner has given, until they give another", async () => {
    const owner = await addOwner(schema);
    const sha256 = randomHash();
    const [first] = await registerFile(owner, { sha256, title: "Mine", titleGiven: true });
    const documentId = first?.document_id ?? "";
    await schema.query("select public.cancel_job($1, $2)", [owner, documentId]);
    await registerFile(owner, { sha256, ...text });
    expect(await describeDocument(documentId)).toMatchObject({
      title: "Mine",
      title_given: true,
      file_name: "minutes.txt",
    });
    await schema.query("select public.cancel_job($1, $2)", [owner, documentId]);
    await registerFile(owner, { sha256, ...text, title: "Mine, too", titleGiven: true });
    expect(await describeDocument(documentId)).toMatchObject({ title: "Mine, too", title_given: true });
  });

  test("while it is in work stays what it was", async () => {
    const owner = await addOwner(schema);
    const sha256 = randomHash();
    const [first] = await registerFile(owner, { sha256 });
    await registerFile(owner, { sha256, ...text });
    expect(await describeDocument(first?.document_id ?? "")).toMatchObject({ file_name: "notes.json", title: "notes" });
  });
});

describe("an upload", () => {
  test("goes with its registration, and registering it again answers with the same document", async () => {
    const owner = await addOwner(schema);
    const [id, sha256] = [await grant(owner, { isHeld: true }), randomHash()];
    expect(await registerFile(owner, { id, sha256 })).toEqual([{ document_id: id, duplicate: false }]);
    expect(await isGranted(id)).toBe(false);
    expect(await registerFile(owner, { id, sha256 })).toEqual([{ document_id: id, duplicate: true }]);
  });

  test("whose document was deleted, or has other bytes, is answered with nothing and forgotten", async () => {
    const owner = await addOwner(schema);
    const [id, sha256] = [randomUUID(), randomHash()];
    await registerFile(owner, { id, sha256 });
    expect(await registerFile(owner, { id, sha256: randomHash() })).toEqual([]);
    await schema.query("select public.delete_document($1, $2)", [owner, id]);
    await grant(owner, { id });
    expect(await registerFile(owner, { id, sha256 })).toEqual([]);
    expect(await isGranted(id)).toBe(false);
    expect(await registerFile(owner, { sha256 })).toMatchObject([{ duplicate: false }]);
  });

  test("that awaits its owner's word, or is gone, is not taken in unasked", async () => {
    const owner = await addOwner(schema);
    const [held, free] = [await grant(owner, { isHeld: true }), await grant(owner)];
    expect(await registerFile(owner, { id: held, sha256: randomHash(), unasked: true })).toEqual([]);
    expect(await isGranted(held)).toBe(true);
    expect(await registerFile(owner, { id: randomUUID(), sha256: randomHash(), unasked: true })).toEqual([]);
    expect(await registerFile(owner, { id: free, sha256: randomHash(), unasked: true })).toHaveLength(1);
    expect(await isGranted(free)).toBe(false);
  });
});
