import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acceptDirectUpload } from "#lib/documents/accept-direct-upload.ts";
import type { Env } from "#lib/env.ts";
import { readArtifact } from "#lib/ingestion/artifacts.ts";
import type { JobWork } from "#lib/ingestion/schema.ts";
import { dropSource, fetchSmall, fetchSource } from "#lib/ingestion/source-file.ts";
import { createServiceClient, type Supabase } from "#lib/supabase/clients.ts";

/** Answers an object with half of what it announced, then breaks the connection; a row is answered whole. */
const server = createServer((request, response) => {
  if (request.url?.startsWith("/rest/")) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "u", storage_key: "o/u/source", file_name: "notes.md" }));
    return;
  }
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": "1000" });
  response.write("half", () => setTimeout(() => response.destroy(), 50));
});
let supabase: Supabase;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  supabase = createServiceClient({ SUPABASE_URL: `http://127.0.0.1:${port}`, SUPABASE_SECRET_KEY: "sb_secret_test" });
});
afterAll(async () => {
  await dropSource(work);
  server.closeAllConnections();
  server.close();
});

const work = { jobId: crypto.randomUUID(), storageKey: "o/d/source", sizeBytes: 1000, sha256: "0" } as JobWork;
const upload = { ownerId: "o", uploadId: "u", title: undefined };

const reads: [string, () => Promise<unknown>][] = [
  ["an original", () => fetchSource(supabase, work)],
  ["a small original", () => fetchSmall(supabase, work)],
  ["what a stage left", () => readArtifact(supabase, "o/d/j/parsed.json.gz")],
  ["a direct upload", () => acceptDirectUpload({ supabase, env: {} as Env }, upload)],
];
test.each(reads)("%s that breaks off in the middle is Storage's failure, not ours", async (_what, read) => {
  await expect(read()).rejects.toMatchObject({ code: "storage_unavailable" });
});
