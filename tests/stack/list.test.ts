import { expect, inject, test } from "vitest";
import { documentListSchema } from "#lib/documents/schema.ts";
import type { Api } from "#lib/stack/call-api.ts";
import { makeMarkdown } from "./files.ts";
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
