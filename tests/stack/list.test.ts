import { expect, inject, test } from "vitest";
import { documentListSchema } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { openDatabase } from "./database.ts";
import { fixtureFile, makeMarkdown } from "./files.ts";
import { createOwner } from "./owner.ts";

const stack = inject("stack");

async function list(owner: Api, query: Record<string, string>) {
  const response = await owner.call(`/api/documents?${new URLSearchParams(query)}`);
  return documentListSchema.parse(await response.json());
}

test("documents are listed newest first, paged, and found by name and by status", async () => {
  const owner = await createOwner(stack);
  const names = ["first.md", 'odd 100% "name", (really)_x.md', "third Überblick.md", "fourth.md", "fifth.md"];
  for (const name of names) {
    const { id } = await owner.upload(makeMarkdown(name, 1));
    await owner.follow(id, ({ status }) => status === "ready");
  }
  const all = await list(owner, {});
  expect(all.documents.map((document) => document.fileName)).toEqual(names.toReversed());
  expect(all.counts).toEqual({ queued: 0, processing: 0, ready: 5, error: 0, cancelled: 0 });

  const first = await list(owner, { limit: "2" });
  const second = await list(owner, { limit: "2", cursor: first.nextCursor ?? "" });
  const third = await list(owner, { limit: "2", cursor: second.nextCursor ?? "" });
  const paged = [first, second, third].flatMap((page) => page.documents.map((document) => document.fileName));
  expect([paged, third.nextCursor]).toEqual([names.toReversed(), null]);

  const find = async (q: string) => (await list(owner, { q })).documents.map((document) => document.fileName);
  expect(await find("BERBLICK")).toEqual(["third Überblick.md"]);
  for (const part of ["100%", '"name"', "(really)", "_x", ", ("]) expect(await find(part), part).toEqual([names[1]]);
  expect(await find("no such name")).toEqual([]);
  expect((await list(owner, { status: "ready" })).documents).toHaveLength(5);
  expect((await list(owner, { status: "error" })).documents).toEqual([]);
});

test("single documents are asked for by their ids, and of those that failed it is told how many a reprocess may help", async () => {
  const owner = await createOwner(stack);
  const [one, two, failed] = await Promise.all(
    [makeMarkdown("one.md", 1), makeMarkdown("two.md", 1), fixtureFile("refused/truncated.pdf")].map((file) =>
      owner.upload(file),
    ),
  );
  if (!one || !two || !failed) throw new Error("There are not three documents.");
  await owner.follow(failed.id, ({ status }) => status === "error");
  const some = await list(owner, { ids: `${one.id},${failed.id}` });
  expect(some.documents.map(({ id }) => id).toSorted()).toEqual([one.id, failed.id].toSorted());
  expect((await list(owner, { ids: `${one.id},${failed.id}`, status: "error" })).documents).toHaveLength(1);
  expect((await owner.call("/api/documents?ids=x")).status).toBe(400);

  expect([some.counts.error, some.worthReprocessing]).toEqual([1, 0]);
  const error = { code: "embedding_quota_exceeded", message: "No quota.", stage: "embed" };
  await openDatabase(stack).from("documents").update({ error }).eq("id", failed.id);
  expect((await list(owner, {})).worthReprocessing).toBe(1);
});
