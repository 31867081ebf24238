import { expect, test } from "vitest";
import { createUploadQueue } from "#app/(signed-in)/documents/create-upload-queue.ts";
import type { sendFile } from "#app/(signed-in)/documents/send-file.ts";
import { offline } from "#app/call-api.ts";

type Send = typeof sendFile;
const estimate = { chunks: 10, tokens: 4000, pages: 0, model: "m", priceUsd: 0.5, pricedAt: "2026-07-03" };

/** A queue, and what it has sent so far: each is answered by the test. */
function open() {
  const sent: { name: string; listener: Parameters<Send>[1]; answer: (sent: Awaited<ReturnType<Send>>) => void }[] = [];
  const queue = createUploadQueue((file, listener) => {
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Send>>>();
    sent.push({ name: file.name, listener, answer: resolve });
    return promise;
  });
  const states = () => queue.view().uploads.map(({ name, state }) => `${name} ${state}`);
  return { queue, sent, states, names: () => sent.map(({ name }) => name) };
}

const files = (count: number) => Array.from({ length: count }, (_, index) => new File(["x"], `${index}`));
const accepted = { outcome: "accepted", problem: null } as const;

test("three files are sent at a time, and one that asks does not hold the others up", async () => {
  const { queue, sent, states, names } = open();
  queue.add(files(5));
  expect(names()).toEqual(["0", "1", "2"]);
  const consent = sent[0]?.listener.consent(estimate);
  expect(names()).toEqual(["0", "1", "2", "3"]);
  expect(states()[0]).toBe("0 asking");
  sent[1]?.answer(accepted);
  await expect.poll(names).toEqual(["0", "1", "2", "3", "4"]);
  expect(queue.view().done).toBe(1);
  queue.view().uploads[0]?.decide?.(true);
  expect(await consent).toBe(true);
});

test("what is dropped is broken off, makes room, and does not come back when its answer does", async () => {
  const { queue, sent, states, names } = open();
  queue.add(files(4));
  const [first] = queue.view().uploads;
  queue.drop(first ? [first] : []);
  expect(sent[0]?.listener.signal.aborted).toBe(true);
  expect(names()).toEqual(["0", "1", "2", "3"]);
  sent[0]?.answer({ outcome: "refused", problem: offline });
  await Promise.resolve();
  expect(states()).toEqual(["1 sending", "2 sending", "3 sending"]);
  queue.drop(queue.view().uploads);
  expect([states(), sent.every(({ listener }) => listener.signal.aborted)]).toEqual([[], true]);
});

test("what was refused stays, and is sent again only where that can help", async () => {
  const { queue, sent, states, names } = open();
  queue.add(files(2));
  sent[0]?.answer({ outcome: "refused", problem: offline });
  sent[1]?.answer({ outcome: "refused", problem: { ...offline, retryable: false } });
  await expect.poll(states).toEqual(["0 refused", "1 refused"]);
  queue.retry(queue.view().uploads);
  expect([states(), names()]).toEqual([
    ["0 sending", "1 refused"],
    ["0", "1", "0"],
  ]);
});
