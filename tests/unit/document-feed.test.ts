import { describe, expect, test } from "vitest";
import { createFeed, type Shown } from "#app/(signed-in)/documents/create-feed.ts";
import { offline } from "#app/call-api.ts";
import type { DocumentStatus, DocumentView } from "#lib/documents/schema.ts";
import { type DocumentOverview, viewDocument } from "#lib/documents/view-document.ts";

const view = (number: number, status: DocumentStatus) =>
  viewDocument({
    id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    status,
    stage: null,
    error: null,
    coverage: null,
    attachments: null,
    created_at: new Date(number * 1000).toISOString(),
  } as DocumentOverview);

/** A server of documents that answers as the API does, and the list that asks it. */
function openList(count: number) {
  const server = new Map<number, DocumentView>();
  const put = (number: number, status: DocumentStatus = "ready") => server.set(number, view(number, status));
  for (let number = 1; number <= count; number += 1) put(number);
  const asked: Record<string, string>[] = [];
  let shown: Shown = { list: null, problem: null };
  let gate: Promise<void> = Promise.resolve();
  const feed = createFeed(async (query) => {
    asked.push(query);
    const { ids, cursor, limit } = query;
    const fitting = [...server.entries()]
      .toSorted(([a], [b]) => b - a)
      .filter(([number, { id }]) => (!ids || ids.includes(id)) && (!cursor || number < Number(cursor)));
    const page = fitting.slice(0, Number(limit));
    const documents = page.map(([, document]) => document);
    await gate;
    const nextCursor = fitting.length > page.length ? String(page.at(-1)?.[0]) : null;
    const counts = { queued: 0, processing: 0, ready: 0, error: 0, cancelled: 0 };
    return { value: { documents, nextCursor, counts, worthReprocessing: 0 }, problem: null };
  });
  feed.listen((latest) => {
    shown = latest;
  });
  const numbers = () => shown.list?.documents.map(({ createdAt }) => Date.parse(createdAt) / 1000) ?? [];
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  };
  return { feed, server, put, asked, numbers, hold, shown: () => shown };
}

/** From the first number down to the last one. */
const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe("the list of documents", () => {
  test("is asked for one at a time: all who ask meanwhile share one more, and each is shown", async () => {
    const { feed, asked, numbers, put, hold } = openList(1);
    const release = hold();
    const first = feed.refresh();
    await expect.poll(() => asked.length).toBe(1);
    put(2);
    const others = Array.from({ length: 150 }, () => feed.refresh());
    const seen = first.then(numbers);
    release();
    expect(await seen).toEqual([1]);
    await Promise.all(others);
    expect(numbers()).toEqual([2, 1]);
    expect(asked).toHaveLength(2);
  });

  test("grows page by page to its end, and what comes in or goes meanwhile is neither twice there nor missing", async () => {
    const { feed, server, put, numbers, shown } = openList(260);
    await feed.refresh();
    expect(numbers()).toEqual(down(260, 211));
    put(261);
    await feed.showMore();
    expect(numbers()).toEqual(down(261, 161));
    for (const number of down(330, 262)) put(number);
    server.delete(300);
    await feed.refresh();
    expect(numbers()).toEqual(down(330, 161).filter((number) => number !== 300));
    server.delete(200);
    await feed.refresh(view(200, "ready").id);
    while (shown().list?.nextCursor) await feed.showMore();
    expect(numbers()).toEqual(down(330, 1).filter((number) => ![300, 200].includes(number)));
  });

  test("asks of the older pages for no more than what is in work, has failed or was changed", async () => {
    const { feed, put, asked, shown } = openList(150);
    put(20, "processing");
    await feed.showMore();
    await feed.showMore();
    await feed.showMore();
    put(20);
    put(10, "queued");
    asked.length = 0;
    await feed.refresh(view(10, "ready").id);
    const ids = [20, 10].map((number) => view(number, "ready").id).join(",");
    expect(asked).toEqual([{ limit: "50" }, { ids, limit: "100" }]);
    const statuses = shown().list?.documents.filter(({ status }) => status !== "ready");
    expect(statuses?.map(({ status }) => status)).toEqual(["queued"]);
    put(10);
    await feed.refresh();
    asked.length = 0;
    await feed.refresh();
    expect(asked).toEqual([{ limit: "50" }]);
  });

  test("stays when an answer does not come, and says so until one does", async () => {
    const results: Shown[] = [];
    let isDown = false;
    const feed = createFeed(async () => {
      if (isDown) return { value: null, problem: offline };
      const counts = { queued: 0, processing: 0, ready: 0, error: 0, cancelled: 0 };
      return {
        value: { documents: [view(1, "ready")], nextCursor: null, counts, worthReprocessing: 0 },
        problem: null,
      };
    });
    feed.listen((shown) => results.push(shown));
    await feed.refresh();
    isDown = true;
    await feed.refresh();
    isDown = false;
    await feed.refresh();
    expect(results.map(({ list, problem }) => [list?.documents.length, problem?.code])).toEqual([
      [1, undefined],
      [1, "offline"],
      [1, undefined],
    ]);
  });
});
