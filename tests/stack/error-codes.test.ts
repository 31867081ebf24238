import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { documentListSchema, eventListSchema } from "#lib/documents/schema.ts";
import { describeFailure, Failure, type FailureCode, failureCodes, viewFailure } from "#lib/errors.ts";
import { waitUntil } from "#lib/stack/wait-until.ts";
import { makeDocx } from "#tests/unit/make-zip.ts";
import { bootFailingStack, type FailingStack } from "./boot-failing-stack.ts";
import { forgetPace } from "./database.ts";
import { fixtureFile, makeBlankPdf, makeMarkdown } from "./files.ts";
import { runFunction } from "./run-function.ts";
import { failFile, followToError, type Shown, sendFile, showError, showProblem } from "./shown-failure.ts";
import type { Intercepted } from "./start-proxy.ts";

let stack: FailingStack;
beforeAll(async () => {
  stack = await bootFailingStack();
});
// A pause that one provider's fault asked for would be the next one's failure.
afterEach(() => forgetPace(stack.database));
afterAll(() => stack?.stop());

/** What causes each code, by the product's own doors. Each answers with all that the API then shows; nothing for what no user sees. */
const fixtures: Record<FailureCode, () => Promise<Shown[]>> = {
  request_invalid: () => ask("/api/documents?limit=0"),
  unauthenticated: async () => [await showProblem(await fetch(new URL("/api/documents", stack.json.appUrl)))],
  document_not_found: () => ask(`/api/documents/${randomUUID()}`),
  upload_not_found: () => ask("/api/documents", postJson({ uploadId: randomUUID() })),
  document_busy: async () => await ask(`/api/documents/${await ingest("done.md")}/cancel`, { method: "POST" }),
  rollback_unavailable: async () =>
    await ask(`/api/documents/${await ingest("first.md")}/rollback`, { method: "POST" }),
  file_empty: () => send(new File([], "empty.txt")),
  file_too_large: () => send(new File([new Uint8Array(51 * 1024 * 1024).fill(65)], "large.txt")),
  media_type_unsupported: () => send(new File([new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])], "tool.bin")),
  media_type_mismatch: () => send(new File(["<!doctype html><html><body><p>No PDF.</p></body></html>"], "page.pdf")),
  file_encrypted: async () => [await failFile(stack.owner, fixtureFile("refused/password.pdf"))],
  file_corrupt: async () => [await failFile(stack.owner, fixtureFile("refused/truncated.pdf"))],
  file_too_complex: async () => {
    const bomb = makeDocx("<w:p/>", [{ name: "word/a.xml", data: Buffer.alloc(60 * 1024 * 1024) }]);
    return [await failFile(stack.owner, new File([new Uint8Array(bomb)], "bomb.docx"))];
  },
  text_missing: async () => [await failFile(stack.owner, makeBlankPdf())],
  source_missing: async () => {
    const id = await ingest("gone.md");
    await stack.database.storage.from("documents").remove([`${stack.owner.userId}/${id}/source`]);
    await stack.owner.call(`/api/documents/${id}/reprocess`, { method: "POST" });
    return [await followToError(stack.owner, id), ...(await ask(`/api/documents/${id}/file`))];
  },
  storage_unavailable: async () => {
    const down = () =>
      Response.json({ statusCode: "503", error: "down", message: "connect ECONNREFUSED" }, { status: 503 });
    // What was just taken in is not fetched.
    const id = await ingest("no-storage.md");
    const isRead = ({ method, path }: Intercepted) => method === "GET" && path.startsWith("/storage/v1/object/");
    const failed = await stack.under(
      (request) => (isRead(request) ? down() : undefined),
      async () => {
        await stack.owner.call(`/api/documents/${id}/reprocess`, { method: "POST" });
        return await followToError(stack.owner, id);
      },
    );
    const isStorage = ({ path }: Intercepted) => path.startsWith("/storage/");
    const refused = await stack.under(
      (request) => (isStorage(request) ? down() : undefined),
      () => send(makeMarkdown("no-upload.md", 2)),
    );
    return [failed, ...refused];
  },
  database_unavailable: async () => {
    const breakAt = (part: string) => (request: Intercepted) => {
      if (request.path.includes(part)) throw new Error("The connection is broken.");
      return undefined;
    };
    const failed = await stack.under(breakAt("/rpc/prepare_batch"), () =>
      failFile(stack.owner, makeMarkdown("no-database.md", 2)),
    );
    return [failed, ...(await stack.under(breakAt("/document_overviews"), () => ask("/api/documents")))];
  },
  dispatch_failed: async () => {
    return await stack.withSilentEngine(async () => {
      const { id } = await stack.owner.upload(makeMarkdown("no-engine.md", 2));
      return [showError(await stack.owner.follow(id, ({ error }) => error !== null))];
    });
  },
  app_unreachable: () => stack.withoutApp(async () => [await failFile(stack.owner, makeMarkdown("no-app.md", 2))]),
  embedding_rate_limited: () =>
    failEmbedding({
      status: 429,
      headers: { "retry-after-ms": "50" },
      body: { error: { code: "rate_limit_exceeded" } },
    }),
  embedding_quota_exceeded: () => failEmbedding({ status: 429, body: { error: { code: "insufficient_quota" } } }),
  embedding_unauthorized: () => failEmbedding({ status: 401 }),
  embedding_unavailable: () =>
    failEmbedding({ status: 502, body: "<html>Bad gateway at proxy (/srv/proxy.js:1)</html>" }),
  embedding_input_rejected: () => failEmbedding({ status: 400, body: { error: { message: "Error: too odd" } } }),
  embedding_response_invalid: () => failEmbedding({ spoil: "zero" }),
  embedding_dimension_mismatch: () => failEmbedding({ spoil: "wrong-dimension" }),
  embedding_incomplete: () =>
    stack.holding(
      ({ path }) => path.includes("/rpc/publish_job"),
      async ({ reached, release }) => {
        const { id } = await stack.owner.upload(makeMarkdown("incomplete.md", 300));
        await reached;
        await stack.database.from("chunks").delete().eq("document_id", id).eq("ordinal", 1);
        release();
        return [await followToError(stack.owner, id)];
      },
    ),
  stalled: () =>
    // Before its first call the job is not taken up, and its event would be sent once more first.
    stack.holding(
      ({ path }) => path.includes("/rpc/store_last_chunks"),
      async ({ reached }) => {
        const { id } = await stack.owner.upload(makeMarkdown("stalled.md", 2));
        await reached;
        const lost = { heartbeat_at: new Date(Date.now() - 3_600_000).toISOString(), recoveries: 3 };
        await stack.database.from("ingestion_jobs").update(lost).eq("document_id", id);
        await runFunction(stack.json, "recover-jobs");
        return [await followToError(stack.owner, id)];
      },
    ),
  job_superseded: () =>
    stack.holding(preparesBatch, async ({ reached, release }) => {
      const { id } = await stack.owner.upload(makeMarkdown("superseded.md", 2));
      await reached;
      await stack.owner.call(`/api/documents/${id}/reprocess`, { method: "POST" });
      release();
      const { error } = await stack.owner.follow(id, ({ status }) => status === "ready");
      expect(error).toBeNull();
      const { data: job } = await stack.database
        .from("ingestion_jobs")
        .select("event_id")
        .eq("document_id", id)
        .eq("number", 1)
        .single();
      const runs = new URL(`/v1/events/${job?.event_id}/runs`, stack.json.engineUrl);
      await waitUntil("The run has not ended as superseded", 60_000, async () => {
        const { data } = (await (await fetch(runs)).json()) as { data: { status: string; output: unknown }[] };
        expect(data).toMatchObject([{ status: "Completed", output: { outcome: "superseded" } }]);
        return true;
      });
      expect(await (await stack.owner.call(`/api/documents/${id}/events`)).text()).not.toContain("superseded");
      return [];
    }),
  internal: async () => {
    const nonsense = ({ path }: Intercepted) =>
      path.endsWith("/rpc/prepare_batch") ? Response.json({ missing: "all" }) : undefined;
    const failed = await stack.under(nonsense, async () => {
      const { id } = await stack.owner.upload(makeMarkdown("nonsense.md", 300));
      return await followToError(stack.owner, id);
    });
    expect(failed.stage).toBe("embed");
    expect((await stack.findInLog(failed.correlationId)).join()).toContain("expected array");

    const refusal = { code: "42P01", message: 'relation "public.secrets" does not exist', details: null, hint: null };
    const [problem] = await stack.under(
      ({ path }) => (path.includes("/document_overviews") ? Response.json(refusal, { status: 404 }) : undefined),
      () => ask("/api/documents"),
    );
    if (!problem) throw new Error("The list was answered.");
    expect((await stack.findInLog(problem.correlationId)).join()).toContain("public.secrets");
    return [failed, problem];
  },
};

test.each(failureCodes)("%s is caused, and shown as the table says", async (code) => {
  const shown = await fixtures[code]();
  const row = describeFailure(code);
  expect(shown.length > 0).toBe(row.where !== "engine");
  for (const failure of shown) {
    const { action, retry: retryable } = row;
    expect(failure).toMatchObject({ code, action, retryable, status: failure.status === null ? null : row.status });
    expect(failure.message).toMatch(/^[A-Z\d].*\.$/);
    if (failure.status === null && !["any", "queue"].includes(row.where)) expect(failure.stage).toBe(row.where);
    const lines = await stack.findInLog(failure.correlationId);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ code });
  }
});

test("a code that came into the database and is not in the table is shown as internal, without its words", async () => {
  const id = await ingest("odd.md");
  const error = { code: "disk_on_fire", message: "ENOSPC at write (/srv/app.js:1:1)", action: "Run.", stage: "embed" };
  await stack.database.from("documents").update({ status: "error", error }).eq("id", id);
  const line = {
    document_id: id,
    owner_id: stack.owner.userId,
    level: "error",
    code: error.code,
    message: error.message,
  };
  await stack.database.from("ingestion_events").insert(line);

  const expected = { ...viewFailure(new Failure("internal")), stage: "embed", correlationId: null };
  expect((await stack.owner.read(id)).error).toEqual(expected);
  const list = documentListSchema.parse(await (await stack.owner.call("/api/documents?q=odd")).json());
  expect(list.documents.map((document) => document.error)).toEqual([expected]);
  const { events } = eventListSchema.parse(await (await stack.owner.call(`/api/documents/${id}/events`)).json());
  expect(events[0]).toMatchObject({ level: "error", code: "internal", message: expected.message });
});

test("who does what is said is helped: after `source_missing` the document is deleted and its file uploaded again", async () => {
  const file = makeMarkdown("again.md", 2);
  const { id } = await stack.owner.upload(file);
  await stack.owner.follow(id, ({ status }) => status === "ready");
  await stack.database.storage.from("documents").remove([`${stack.owner.userId}/${id}/source`]);
  await stack.owner.call(`/api/documents/${id}/reprocess`, { method: "POST" });
  expect((await followToError(stack.owner, id)).action).toContain("Delete the document and upload the file again");
  expect((await stack.owner.call(`/api/documents/${id}`, { method: "DELETE" })).status).toBe(202);
  const again = await stack.owner.upload(file);
  expect(again.id).not.toBe(id);
  await stack.owner.follow(again.id, ({ status }) => status === "ready");
});

const ask = async (path: string, init?: RequestInit) => [await showProblem(await stack.owner.call(path, init))];
const send = async (file: File) => [await showProblem(await sendFile(stack.owner, file))];

function postJson(body: object): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function preparesBatch({ path }: Intercepted): boolean {
  return path.includes("/rpc/prepare_batch");
}

/** The id of a new document that is ready. */
async function ingest(name: string): Promise<string> {
  const { id } = await stack.owner.upload(makeMarkdown(name, 2));
  await stack.owner.follow(id, ({ status }) => status === "ready");
  return id;
}

/** What a document and a search show of a provider that does this. */
async function failEmbedding(fault: object): Promise<Shown[]> {
  return await stack.withProviderFault(fault, async () => [
    ...(await ask("/api/search?q=anything")),
    await failFile(stack.owner, makeMarkdown(`${randomUUID()}.md`, 2)),
  ]);
}
