import { afterAll, expect, test } from "vitest";
import { findFreePort } from "#lib/stack/ports.ts";
import { startEmbeddedEngine } from "#tests/embedded/inngest.ts";
import { bootOwnStack, makeDataDir, removeDataDir } from "./boot-own-stack.ts";
import { countRows, openDatabase } from "./database.ts";
import { makeMarkdown } from "./files.ts";
import { signInDemo } from "./sign-in-demo.ts";

const [stackDir, engineDir] = await Promise.all([makeDataDir(), makeDataDir()]);
afterAll(() => Promise.all([stackDir, engineDir].map(removeDataDir)));

test("an upload while the engine is down says so, and is taken up exactly once when the engine is back", async () => {
  const [appPort, enginePort] = await Promise.all([findFreePort("127.0.0.1"), findFreePort("127.0.0.1")]);
  const sdkUrl = `http://127.0.0.1:${appPort}/api/inngest`;
  const start = () => startEmbeddedEngine({ sdkUrl, dataDir: engineDir, port: enginePort });
  const env = { PORT: String(appPort), INNGEST_DEV: `http://127.0.0.1:${enginePort}` };
  const down = await start();
  const stack = await bootOwnStack({ dir: stackDir, env });
  let engine: Awaited<ReturnType<typeof start>> | undefined;
  try {
    await down.stop();
    const owner = await signInDemo(stack.json);
    const { id } = await owner.upload(makeMarkdown("waiting.md", 10));
    const waiting = await owner.follow(id, ({ status }) => status === "error", 15_000);
    expect(waiting.error).toMatchObject({ code: "dispatch_failed", retryable: true });
    expect(waiting.error?.action).toContain("by itself");

    engine = await start();
    const ready = await owner.follow(id, ({ status }) => status === "ready", 150_000);
    expect(ready.error).toBeNull();
    const database = openDatabase(stack.json);
    const { data: jobs } = await database.from("ingestion_jobs").select("attempt").eq("document_id", ready.id);
    expect(jobs).toEqual([{ attempt: 1 }]);
    expect(await countRows(database, "chunks", "document_id", ready.id)).toBe(ready.chunkCount);
  } finally {
    await stack.stop();
    await engine?.stop();
  }
});
