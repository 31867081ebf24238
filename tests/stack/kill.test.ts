import { afterAll, expect, test } from "vitest";
import type { DocumentView } from "#lib/documents/schema.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { bootOwnStack, makeDataDir, removeDataDir } from "./boot-own-stack.ts";
import { openDatabase } from "./database.ts";
import { makeMarkdown } from "./files.ts";
import { signInDemo } from "./sign-in-demo.ts";

const dataDir = await makeDataDir();
afterAll(() => removeDataDir(dataDir));

const documents = 10;

test("ten documents that were in work when everything was killed all become ready, and no passage is doubled", async () => {
  const env = { EMBEDDINGS_LATENCY_MS: "400", INNGEST_RETRY_INTERVAL: "1" };
  const first = await bootOwnStack({ dir: dataDir, env });
  const before = await signInDemo(first.json);
  const files = Array.from({ length: documents }, (_, index) => makeMarkdown(`document-${index}.md`, 200));
  const accepted = await Promise.all(files.map((file) => before.upload(file)));
  const inWork: DocumentView[] = [];
  await waitUntil("No document is being embedded", 60_000, async () => {
    inWork.splice(0, inWork.length, ...(await Promise.all(accepted.map(({ id }) => before.read(id)))));
    return inWork.some(({ progress }) => progress.chunksEmbedded > 0);
  });
  await first.kill9All();
  expect(inWork.filter(({ status }) => status !== "ready").length).toBeGreaterThan(5);

  const second = await bootOwnStack({ dir: dataDir, env });
  try {
    const after = await signInDemo(second.json);
    const ready = await Promise.all(
      accepted.map(({ id }) => after.follow(id, ({ status }) => status === "ready", 150_000)),
    );
    const database = openDatabase(second.json);
    for (const document of ready) {
      const { data } = await database.from("chunks").select("ordinal, content").eq("document_id", document.id);
      const contents = new Set(data?.map((chunk) => chunk.content));
      expect([data?.length, contents.size]).toEqual([document.chunkCount, document.chunkCount]);
    }
    expect(await after.search("document-7.md section 150")).not.toHaveLength(0);
  } finally {
    await second.stop();
  }
});
