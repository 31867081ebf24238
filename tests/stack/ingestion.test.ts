import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { chunkListSchema, type DocumentView, eventListSchema } from "#lib/documents/schema.ts";
import { fixtureFile, makeMarkdown } from "./files.ts";
import { createOwner } from "./owner.ts";

interface Question {
  question: string;
  fileName: string;
  page: number | null;
  heading: string | null;
  phrase: string;
}

const stack = inject("stack");
const samples = join(import.meta.dirname, "../fixtures/samples");
const questions = JSON.parse(readFileSync(join(samples, "questions.json"), "utf8")) as Question[];
const isReady = (document: DocumentView) => document.status === "ready";

describe("ingestion", () => {
  test("a PDF, a Word, a Markdown, an HTML and a text file become ready and answer with page and heading", async () => {
    const owner = await createOwner(stack);
    const names = [...new Set(questions.map((entry) => entry.fileName))];
    const accepted = await Promise.all(names.map((name) => owner.upload(fixtureFile(`samples/${name}`))));
    expect(accepted.map((document) => document.fileName)).toEqual(names);

    const ready = await Promise.all(accepted.map((document) => owner.follow(document.id, isReady)));
    for (const document of ready) {
      expect(document.progress.percent).toBe(100);
      expect(document.chunkCount).toBeGreaterThan(0);
      expect(document.usage.requests).toBe(1);
      expect(document.error).toBeNull();
    }

    for (const { question, fileName, page, heading, phrase } of questions) {
      const results = await owner.search(question, 3);
      const answer = results.find((result) => result.content.replace(/\s+/g, " ").includes(phrase));
      expect(answer, question).toMatchObject({ fileName });
      if (page !== null) expect([answer?.pageFrom, answer?.pageTo], question).toContain(page);
      if (heading !== null) expect(answer?.headingPath.join(" > "), question).toContain(heading);
    }
  });

  test("a scan is read from its image, and the document tells how much of it was read", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(fixtureFile("documents/images-only.pdf"));
    const document = await owner.follow(id, isReady);
    expect(document.coverage).toMatchObject({ pages: 1, textPages: 1, ocrPages: 1, unreadPages: 0 });
    const [found] = await owner.search("PDF document conversion", 1);
    expect(found).toMatchObject({ documentId: id, pageFrom: 1 });
  });

  test("progress is seen on the way and never falls", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(makeMarkdown("progress.md", 1500));
    const seen: DocumentView[] = [];
    const watch = (document: DocumentView) => {
      seen.push(document);
      return isReady(document);
    };
    await owner.follow(id, watch);
    const percents = seen.map((document) => document.progress.percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    const embedding = seen.filter(({ stage, progress }) => stage === "embed" && progress.chunksEmbedded > 0);
    expect(embedding.length).toBeGreaterThan(0);
    expect(seen.at(-1)?.progress.chunksEmbedded).toBe(seen.at(-1)?.progress.chunksTotal);
  });

  test("the passages of a document are its text in order, its timeline tells what happened, and the original comes back", async () => {
    const owner = await createOwner(stack);
    const file = fixtureFile("samples/support-runbook.md");
    const { id } = await owner.upload(file, "Our runbook");
    const document = await owner.follow(id, isReady);
    expect(document.title).toBe("Our runbook");

    const { chunks } = chunkListSchema.parse(await (await owner.call(`/api/documents/${id}/chunks`)).json());
    expect(chunks.map((chunk) => chunk.ordinal)).toEqual(chunks.map((_, index) => index));
    for (const chunk of chunks) expect(chunk.charTo - chunk.charFrom).toBe(chunk.content.length);

    const { events } = eventListSchema.parse(await (await owner.call(`/api/documents/${id}/events`)).json());
    expect(events.map((event) => event.code)).toEqual(["published", "queued"]);

    const original = Buffer.from(await (await owner.call(`/api/documents/${id}/file`)).arrayBuffer());
    expect(createHash("sha256").update(original).digest("hex")).toBe(document.sha256);
    expect(original.equals(Buffer.from(await file.arrayBuffer()))).toBe(true);
  });

  test("passages are paged both ways from one of them, and from the beginning when it is not there", async () => {
    const owner = await createOwner(stack);
    const { id } = await owner.upload(makeMarkdown("paged.md", 40));
    await owner.follow(id, isReady);
    const read = async (query: string) => {
      const response = await owner.call(`/api/documents/${id}/chunks?${query}`);
      return chunkListSchema.parse(await response.json());
    };
    const all = (await read("limit=200")).chunks;
    const wanted = all[12];
    const page = await read(`around=${wanted?.id}&limit=5`);
    expect(page).toEqual({ chunks: all.slice(9, 14), previousCursor: "9", nextCursor: "14" });
    expect(await read("before=9&limit=5")).toEqual({
      chunks: all.slice(4, 9),
      previousCursor: "4",
      nextCursor: "9",
    });
    expect(await read("before=4&limit=5")).toMatchObject({ chunks: all.slice(0, 4), previousCursor: null });
    expect((await read("cursor=14&limit=5")).chunks).toEqual(all.slice(14, 19));
    expect((await read(`around=${wanted?.id}&limit=1`)).chunks).toEqual([wanted]);

    expect(await read(`around=${id}&limit=5`)).toMatchObject({ chunks: all.slice(0, 5), previousCursor: null });
    const stranger = await createOwner(stack);
    expect((await stranger.call(`/api/documents/${id}/chunks?around=${wanted?.id}`)).status).toBe(404);
    expect((await owner.call(`/api/documents/${id}/chunks?around=12`)).status).toBe(400);
  });

  test("a file sent straight to Storage is registered once, however often that is asked", async () => {
    const owner = await createOwner(stack);
    const file = makeMarkdown("direct.md", 20);
    const json = (body: unknown) => ({
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const granted = await owner.call("/api/uploads", json({ fileName: "Überblick 概要.md", sizeBytes: file.size }));
    expect(granted.status).toBe(201);
    const { uploadId, signedUrl } = (await granted.json()) as { uploadId: string; signedUrl: string };

    const early = await owner.call("/api/documents", json({ uploadId }));
    expect([early.status, ((await early.json()) as { code: string }).code]).toEqual([404, "upload_not_found"]);

    const put = await fetch(signedUrl, { method: "PUT", headers: { "content-type": "text/markdown" }, body: file });
    expect(put.ok).toBe(true);
    const registered = await owner.call("/api/documents", json({ uploadId }));
    expect(registered.status).toBe(202);
    const again = await owner.call("/api/documents", json({ uploadId }));
    expect(again.status).toBe(200);
    const document = await owner.follow(uploadId, isReady);
    expect(document.fileName).toBe("Überblick 概要.md");
    const original = await owner.call(`/api/documents/${uploadId}/file`);
    expect(original.headers.get("content-disposition")).toContain(
      `filename*=UTF-8''${encodeURIComponent("Überblick 概要.md")}`,
    );
  });

  test("a signed upload of one user cannot be registered by another", async () => {
    const [owner, other] = await Promise.all([createOwner(stack), createOwner(stack)]);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ fileName: "a.md", sizeBytes: 10 });
    const granted = await owner.call("/api/uploads", { method: "POST", headers, body });
    const { uploadId } = (await granted.json()) as { uploadId: string };
    const stolen = await other.call("/api/documents", { method: "POST", headers, body: JSON.stringify({ uploadId }) });
    expect(stolen.status).toBe(404);
  });
});
