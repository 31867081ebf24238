import { afterAll, expect, test } from "vitest";
import { waitUntil } from "#lib/stack/wait-until.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { makePdf } from "#tests/unit/make-pdf.ts";
import { bootOwnStack, makeDataDir, removeDataDir } from "./boot-own-stack.ts";
import { openDatabase } from "./database.ts";
import { signInDemo } from "./sign-in-demo.ts";

const dataDir = await makeDataDir();
afterAll(() => removeDataDir(dataDir));

const pages = 2_000;

function makeBook(): File {
  const page = (number: number) =>
    Array.from({ length: 30 }, (_, line) => ({
      text: `Line ${line} of page ${number}: the harbour master notes tide ${number * 30 + line}.`,
      y: 760 - line * 20,
    }));
  const bytes = makePdf(Array.from({ length: pages }, (_, index) => page(index + 1)));
  return new File([new Uint8Array(bytes)], "book.pdf");
}

/** When each hundred of pages that a job has stored was written, by its name. */
async function listWindows(database: Supabase, folder: string): Promise<Map<string, string>> {
  const { data } = await database.storage.from("ingestion").list(folder, { limit: 1000 });
  const windows = (data ?? []).filter(({ name }) => name.startsWith("pages-"));
  return new Map(windows.map(({ name, updated_at }) => [name, updated_at ?? ""]));
}

test("a book of 2,000 pages that is killed at three quarters goes on from there: pages that were read are not read again", async () => {
  const first = await bootOwnStack({ dir: dataDir, env: { INNGEST_RETRY_INTERVAL: "1" } });
  const before = await signInDemo(first.json);
  const { id } = await before.upload(makeBook());
  let pagesDone = 0;
  await waitUntil("Three quarters were never read", 60_000, async () => {
    const document = await before.read(id);
    expect(document.stage).not.toBe("embed");
    pagesDone = document.progress.pagesDone;
    return pagesDone >= pages * 0.75;
  });
  const { data: job } = await openDatabase(first.json)
    .from("ingestion_jobs")
    .select("id, owner_id")
    .eq("document_id", id)
    .single();
  const folder = `${job?.owner_id}/${id}/${job?.id}`;
  const stored = await listWindows(openDatabase(first.json), folder);
  await first.kill9All();
  // The last one may be on its way.
  expect(stored.size).toBeGreaterThanOrEqual(Math.floor(pagesDone / 100) - 1);

  const second = await bootOwnStack({ dir: dataDir, env: { INNGEST_RETRY_INTERVAL: "1" } });
  try {
    const after = await signInDemo(second.json);
    const seen = new Map(stored);
    await waitUntil("The book is not ready", 120_000, async () => {
      for (const [name, at] of await listWindows(openDatabase(second.json), folder)) {
        expect([name, at]).toEqual([name, seen.get(name) ?? at]);
        seen.set(name, at);
      }
      return (await after.read(id)).status === "ready";
    });
    expect(seen.size).toBeGreaterThan(stored.size);
    const ready = await after.read(id);
    expect(ready.coverage).toMatchObject({ pages, textPages: pages, unreadPages: 0 });
    const found = (await after.search("59985", 5)).find(({ content }) => content.includes("tide 59985"));
    expect([found?.pageFrom, found?.pageTo]).toContain(1999);
    await waitUntil("Pages are left", 30_000, async () => {
      return (await listWindows(openDatabase(second.json), folder)).size === 0;
    });
  } finally {
    await second.stop();
  }
});
