import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { inspectFile } from "#lib/documents/inspect-file.ts";
import { type DocumentView, documentListSchema } from "#lib/documents/schema.ts";
import { attach } from "#lib/ingestion/attach.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { filePart, type MailPart, makeMail, textPart } from "../unit/make-mail.ts";
import { countRows, listObjects, openDatabase } from "./database.ts";
import { createOwner } from "./owner.ts";

const stack = inject("stack");
const database = openDatabase(stack);
const pdf = readFileSync(join(import.meta.dirname, "../fixtures/samples/employee-handbook.pdf"));
const isReady = ({ status }: DocumentView) => status === "ready";

const notes = (words: string) => `# Notes\n\nThe password of the ${words} is in the safe.\n`;
const machineCode = Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * index * 31 + index * 7) % 251));
const program = filePart("setup.exe", Buffer.concat([Buffer.from("MZ"), machineCode]));
const image: MailPart = {
  headers: ["Content-Type: image/png", "Content-ID: <logo>", "Content-Disposition: inline; filename=logo.png"],
  content: Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"),
};

function mailFile(subject: string, parts: MailPart[], name = "mail.eml"): File {
  const html = textPart(`<p>This is about ${subject}.</p><img src="cid:logo">`, "text/html");
  const headers = ["From: ada@example.com", "To: bob@example.com", "Date: Tue, 24 Nov 2026 09:30:00 +0100"];
  return new File(
    [new Uint8Array(makeMail([html, image, ...parts], { headers: [...headers, `Subject: ${subject}`] }))],
    name,
  );
}

/** The documents that came with one, once they are ready. */
async function followChildren(owner: Api, { attachments }: DocumentView): Promise<DocumentView[]> {
  const ids = attachments.flatMap(({ documentId }) => documentId ?? []);
  return await Promise.all(ids.map((id) => owner.follow(id, isReady)));
}

async function listIds(owner: Api): Promise<string[]> {
  const list = documentListSchema.parse(await (await owner.call("/api/documents")).json());
  return list.documents.map(({ id }) => id).toSorted();
}

async function reprocess(owner: Api, id: string): Promise<DocumentView> {
  const jobs = await countRows(database, "ingestion_jobs", "document_id", id);
  expect((await owner.call(`/api/documents/${id}/reprocess`, { method: "POST" })).status).toBe(202);
  await waitUntil(`${id} is not ready again`, 90_000, async () => {
    const { data } = await database
      .from("ingestion_jobs")
      .select("status")
      .eq("document_id", id)
      .eq("number", jobs + 1);
    return data?.[0]?.status === "ready";
  });
  return await owner.read(id);
}

async function remove(owner: Api, id: string): Promise<void> {
  expect((await owner.call(`/api/documents/${id}`, { method: "DELETE" })).status).toBe(202);
}

describe("what a mail carries", () => {
  test("becomes documents of their own that are searched, and what cannot be read is named", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(
      mailFile("the lighthouse", [filePart("handbook.pdf", pdf), filePart("notes.md", notes("windmill")), program]),
    );
    const mail = await owner.follow(id, isReady);
    expect(mail).toMatchObject({ title: "the lighthouse", mediaType: "message/rfc822", parentId: null });
    expect(mail.attachments).toMatchObject([
      { fileName: "handbook.pdf" },
      { fileName: "notes.md" },
      { fileName: "setup.exe", documentId: null, reason: "The file is a program, which cannot be read." },
    ]);
    expect(mail.warnings).toEqual([
      {
        code: "attachment_skipped",
        message: "Not read of what came with it: setup.exe (The file is a program, which cannot be read).",
      },
    ]);
    const children = await followChildren(owner, mail);
    expect(children.map(({ mediaType, parentId }) => [mediaType, parentId])).toEqual([
      ["application/pdf", id],
      ["text/markdown", id],
    ]);
    expect((await owner.read(id)).attachments.map(({ status }) => status)).toEqual(["ready", "ready", undefined]);

    expect((await owner.search("password of the windmill", 1))[0]).toMatchObject({ documentId: children[1]?.id });
    expect((await owner.search("parental leave", 1))[0]).toMatchObject({
      documentId: children[0]?.id,
      fileName: "handbook.pdf",
    });
    expect((await owner.search("handbook.pdf", 1))[0]?.content).toContain(
      "Attachments: handbook.pdf, notes.md, setup.exe",
    );
    const stranger = await createOwner(stack);
    expect((await stranger.call(`/api/documents/${children[0]?.id}`)).status).toBe(404);

    const before = await listIds(owner);
    expect(before).toHaveLength(3);
    const again = await reprocess(owner, id);
    expect(again.attachments).toEqual((await owner.read(id)).attachments);
    expect(await listIds(owner)).toEqual(before);
    for (const child of children) expect(await countRows(database, "ingestion_jobs", "document_id", child.id)).toBe(1);

    await remove(owner, id);
    expect(await listIds(owner)).toEqual([]);
    expect(await owner.search("password of the windmill")).toEqual([]);
    await waitUntil("Rows or objects of the mail are left", 60_000, async () => {
      return (
        (await countRows(database, "documents", "owner_id", owner.userId)) === 0 &&
        (await listObjects(database, "documents", owner.userId)).length === 0
      );
    });
  });

  test("is linked where its owner has it, and only what came with the mail alone goes with it", async () => {
    const owner = await createOwner(stack);
    const file = (name: string) => new File([notes(name)], `${name}.md`);
    const part = (name: string) => filePart(`${name}.md`, notes(name));
    const before = await owner.upload(file("before"));
    const mail = await owner.upload(
      mailFile("the first", [part("before"), part("later"), part("shared"), part("alone")]),
    );
    const ids = (await followChildren(owner, await owner.follow(mail.id, isReady))).map(({ id }) => id);
    expect(ids[0]).toBe(before.id);
    const other = await owner.upload(mailFile("the second", [part("shared")]));
    expect((await owner.follow(other.id, isReady)).attachments).toMatchObject([{ documentId: ids[2] }]);
    expect((await owner.upload(file("later"))).id).toBe(ids[1]);
    expect((await owner.read(ids[1] ?? "")).parentId).toBeNull();

    await remove(owner, mail.id);
    expect(await listIds(owner)).toEqual([before.id, other.id, ids[1], ids[2]].toSorted());
    expect((await owner.read(ids[2] ?? "")).parentId).toBe(other.id);
    await remove(owner, other.id);
    expect(await listIds(owner)).toEqual([before.id, ids[1]].toSorted());
  });

  test("stays deleted when its owner has deleted it, also after a reprocess of the mail", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(mailFile("a deletion", [filePart("gone.md", notes("bakery"))]));
    const [child] = await followChildren(owner, await owner.follow(id, isReady));
    await remove(owner, child?.id ?? "");
    const gone = [{ documentId: null, fileName: "gone.md", reason: "Its document was deleted." }];
    expect(await owner.read(id)).toMatchObject({ attachments: gone, warnings: [] });
    expect(await reprocess(owner, id)).toMatchObject({ attachments: gone, warnings: [] });
    expect(await listIds(owner)).toEqual([id]);
    const back = await owner.upload(new File([notes("bakery")], "gone.md"));
    expect((await reprocess(owner, id)).attachments).toMatchObject([{ documentId: back.id }]);
  });

  test("is only listed when it came in a mail that is an attachment itself, until that mail is uploaded by itself", async () => {
    const owner = await createOwner(stack);
    const inner = mailFile("the inner one", [filePart("deep.md", notes("harbour"))], "inner.eml");
    const bytes = new Uint8Array(await inner.arrayBuffer());
    const { id } = await owner.upload(mailFile("the outer one", [filePart("inner.eml", bytes, "message/rfc822")]));
    const [child] = await followChildren(owner, await owner.follow(id, isReady));
    expect(child).toMatchObject({
      title: "the inner one",
      parentId: id,
      attachments: [{ documentId: null, fileName: "deep.md" }],
    });
    expect(child?.warnings[0]?.message).toContain("deep.md (It came in an e-mail that is an attachment itself");

    expect((await owner.upload(inner)).id).toBe(child?.id);
    const own = await owner.follow(
      child?.id ?? "",
      (document) => isReady(document) && document.attachments[0]?.documentId !== null,
    );
    await followChildren(owner, own);
    expect((await owner.search("password of the harbour", 1))[0]?.fileName).toBe("deep.md");
    expect(own.warnings).toEqual([]);
  });
});

describe("the step that makes documents of attachments", () => {
  const env = { MAX_FILE_BYTES: 50 * 1024 * 1024 };

  /** A mail whose job is taken up by nobody but the test. */
  async function begin(ownerId: string, parts: MailPart[]) {
    const id = randomUUID();
    const bytes = new Uint8Array(await mailFile(id, parts).arrayBuffer());
    const storageKey = `${ownerId}/${id}/source`;
    await database.storage.from("documents").upload(storageKey, bytes);
    const facts = inspectFile({ fileName: "mail.eml", bytes, maxBytes: env.MAX_FILE_BYTES });
    const document = { id, title: "mail", titleGiven: false, fileName: "mail.eml", storageKey, ...facts };
    await database.rpc("register_document", { p_owner_id: ownerId, p_document: document, p_settings: {} });
    const { data: queued } = await database.from("ingestion_jobs").select("id").eq("document_id", id).single();
    const jobId = queued?.id ?? "";
    const run = { p_document_id: id, p_job_id: jobId, p_event_id: "", p_run_id: "of-the-test", p_settings: {} };
    const { data: started } = await database.rpc("start_job", run);
    await database.from("outbox").update({ sent_at: new Date().toISOString() }).eq("data->>documentId", id);
    return { id, job: { jobId, attempt: started?.[0]?.attempt ?? 0 } };
  }
  const files = ["one", "two", "three"].map((name) => filePart(`${name}.md`, notes(name)));
  const countObjects = async (ownerId: string) => (await listObjects(database, "documents", ownerId)).length;

  test("may run twice at the same time, and once more: each attachment is one document with one job and one object", async () => {
    const { userId } = await createOwner(stack);
    const { id, job } = await begin(userId, files);
    const run = () => attach({ supabase: database, env }, job);
    // One may take the copy of the original away under the other, which then tries again, as a step does.
    const answers = await Promise.all([run().catch(run), run().catch(run)]);
    answers.push(await run());
    for (const { documentIds, attachments } of answers) {
      expect(attachments).toBe(3);
      expect(documentIds.toSorted()).toEqual(answers[0]?.documentIds.toSorted());
    }
    expect(await countRows(database, "documents", "owner_id", userId)).toBe(4);
    expect(await countRows(database, "ingestion_jobs", "owner_id", userId)).toBe(4);
    expect(await countObjects(userId)).toBe(4);
    const { data } = await database.from("attachments").select("position, document_id").eq("parent_id", id);
    expect(data).toHaveLength(3);
  });

  test("makes nothing of a mail that was deleted, also not when that happens in its middle", async () => {
    for (const moment of ["before", "in the middle"]) {
      const { userId } = await createOwner(stack);
      const { id, job } = await begin(userId, files);
      const deleteMail = () => database.rpc("delete_document", { p_owner_id: userId, p_document_id: id });
      const from = (bucket: string) => {
        const real = database.storage.from(bucket);
        const upload: typeof real.upload = async (...call) => {
          const answer = await real.upload(...call);
          await deleteMail();
          return answer;
        };
        return bucket === "documents" ? Object.assign(Object.create(real), { upload }) : real;
      };
      if (moment === "before") await deleteMail();
      const supabase: Supabase = Object.create(database, { storage: { value: { from } } });
      await expect(attach({ supabase, env }, job), moment).rejects.toThrow("job_superseded");
      const { data } = await database.from("documents").select("id").eq("parent_id", id);
      expect(data, moment).toEqual([]);
      expect(
        (await listObjects(database, "documents", userId)).filter((key) => !key.includes(id)),
        moment,
      ).toEqual([]);
    }
  });
});
