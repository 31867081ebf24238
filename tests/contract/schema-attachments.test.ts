import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addOwner, openSchema, randomHash, register, type Schema, start } from "./open-schema.ts";

let schema: Schema;
beforeAll(async () => {
  schema = await openSchema();
});
afterAll(() => schema.close());

interface Carrier {
  documentId: string;
  jobId: string;
  attempt: number;
}

async function carry(ownerId: string): Promise<Carrier> {
  const { documentId, jobId } = await register(schema, ownerId);
  const job = await start(schema, documentId, jobId, randomUUID());
  return { documentId, jobId, attempt: job?.attempt ?? 0 };
}

const attach = async (
  { jobId, attempt }: Carrier,
  sha256: string,
  options: { id?: string; position?: number; refusal?: string } = {},
) => {
  const { id, position = 0, refusal = null } = options;
  const document = id && {
    id,
    title: "a",
    fileName: "a.md",
    mediaType: "text/markdown",
    sizeBytes: 1,
    storageKey: `key-of-${id}`,
  };
  const [row] = await schema.query<{ outcome: string; document_id: string | null }>(
    "select * from public.register_attachment($1, $2, $3, $4, $5)",
    [jobId, attempt, { position, fileName: "a.md", sha256, refusal }, document ?? null, {}],
  );
  return row ?? null;
};
const remove = (ownerId: string, documentId: string) =>
  schema.query("select public.delete_document($1, $2)", [ownerId, documentId]);
const parentOf = async (documentId: string) => {
  const [row] = await schema.query<{ parent_id: string | null; is_deleted: boolean }>(
    "select parent_id, deleted_at is not null as is_deleted from public.documents where id = $1",
    [documentId],
  );
  return row;
};

describe("registering an attachment", () => {
  test("asks for the file first, then makes row, job and event once, however often it is repeated", async () => {
    const mail = await carry(await addOwner(schema));
    const [id, sha256] = [randomUUID(), randomHash()];
    expect(await attach(mail, sha256)).toEqual({ outcome: "wanted", document_id: null });
    expect(await attach(mail, sha256, { id })).toEqual({ outcome: "registered", document_id: id });
    expect(await attach(mail, sha256, { id })).toEqual({ outcome: "known", document_id: id });
    expect(await attach(mail, sha256)).toEqual({ outcome: "known", document_id: id });
    expect(await parentOf(id)).toEqual({ parent_id: mail.documentId, is_deleted: false });
    const events = await schema.query("select name from public.outbox where data ->> 'documentId' = $1", [id]);
    expect(events).toEqual([{ name: "document.uploaded" }]);
  });

  test("changes nothing for a late worker, and nothing once the mail is deleted", async () => {
    const owner = await addOwner(schema);
    const mail = await carry(owner);
    expect(await attach({ ...mail, attempt: mail.attempt + 1 }, randomHash(), { id: randomUUID() })).toBeNull();
    await remove(owner, mail.documentId);
    expect(await attach(mail, randomHash(), { id: randomUUID() })).toBeNull();
    expect(await schema.query("select 1 from public.attachments where parent_id = $1", [mail.documentId])).toEqual([]);
  });

  test("shows the owner what it found, and nobody else", async () => {
    const owner = await addOwner(schema);
    const mail = await carry(owner);
    await attach(mail, randomHash(), { refusal: "It is a program." });
    const read = (userId: string) =>
      schema.as(userId, () => schema.query<{ reason: string }>("select refusal as reason from public.attachments"));
    expect(await read(owner)).toEqual([{ reason: "It is a program." }]);
    expect(await read(await addOwner(schema))).toEqual([]);
  });
});

describe("deleting", () => {
  test("a mail takes what came only with it, and announces both at once", async () => {
    const owner = await addOwner(schema);
    const mail = await carry(owner);
    const id = randomUUID();
    await attach(mail, randomHash(), { id });
    await remove(owner, mail.documentId);
    expect((await parentOf(id))?.is_deleted).toBe(true);
    const announced = await schema.query<{ id: string }>(
      "select id from public.outbox where name = 'document.deleted' and $1 in (data ->> 'documentId', data ->> 'parentId') order by id",
      [mail.documentId],
    );
    expect(announced.map((event) => event.id)).toEqual(
      [`document.deleted:${mail.documentId}`, `document.deleted:${id}`].toSorted(),
    );
    await schema.query("select public.purge_document($1)", [mail.documentId]);
    expect((await parentOf(id))?.parent_id, "the mail's row may go first").toBeNull();
  });

  test("the first of two mails with the same attachment leaves it with the other one", async () => {
    const owner = await addOwner(schema);
    const [first, second] = [await carry(owner), await carry(owner)];
    const [id, sha256] = [randomUUID(), randomHash()];
    await attach(first, sha256, { id });
    expect(await attach(second, sha256)).toEqual({ outcome: "known", document_id: id });
    await remove(owner, first.documentId);
    expect(await parentOf(id)).toEqual({ parent_id: second.documentId, is_deleted: false });
    await remove(owner, second.documentId);
    expect((await parentOf(id))?.is_deleted).toBe(true);
  });

  test("a mail leaves what its owner has put in as well, before or after it", async () => {
    const owner = await addOwner(schema);
    const mail = await carry(owner);
    const [before, after, id] = [randomHash(), randomHash(), randomUUID()];
    const own = await register(schema, owner, before);
    expect(await attach(mail, before)).toEqual({ outcome: "known", document_id: own.documentId });
    await attach(mail, after, { id, position: 1 });
    expect(await register(schema, owner, after)).toMatchObject({ documentId: id, duplicate: true });
    await remove(owner, mail.documentId);
    for (const kept of [own.documentId, id]) {
      expect(await parentOf(kept)).toEqual({ parent_id: null, is_deleted: false });
    }
  });

  test("an attachment is for good, unless its owner puts it in again", async () => {
    const owner = await addOwner(schema);
    const mail = await carry(owner);
    const [id, sha256] = [randomUUID(), randomHash()];
    await attach(mail, sha256, { id });
    await remove(owner, id);
    expect(await attach(mail, sha256)).toEqual({ outcome: "removed", document_id: null });
    expect(await attach(mail, sha256, { id })).toEqual({ outcome: "removed", document_id: null });
    const again = await register(schema, owner, sha256);
    expect(await attach(mail, sha256)).toEqual({ outcome: "known", document_id: again.documentId });
  });
});
