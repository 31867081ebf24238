import { expect, test } from "vitest";
import { describeWork } from "#app/(signed-in)/documents/format.ts";
import { type DocumentOverview, viewDocument } from "#lib/documents/view-document.ts";
import { describeFailure, Failure, viewFailure } from "#lib/errors.ts";

const now = Date.parse("2026-11-23T12:00:10Z");

function overview(row: Partial<DocumentOverview>): DocumentOverview {
  return {
    id: "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f11",
    coverage: null,
    owner_id: "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f12",
    title: "Handbook",
    file_name: "handbook.pdf",
    names: "Handbook handbook.pdf",
    media_type: "application/pdf",
    size_bytes: 10,
    sha256: "a".repeat(64),
    storage_key: "k",
    status: "processing",
    error: null,
    created_at: "2026-11-23T12:00:00+00:00",
    updated_at: "2026-11-23T12:00:00+00:00",
    job_id: "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f13",
    job_number: 1,
    job_status: "processing",
    stage: "parse",
    pages_done: 0,
    pages_total: null,
    chunks_total: null,
    chunks_embedded: 0,
    chunks_reused: 0,
    tokens: 0,
    embed_requests: 0,
    started_at: null,
    timings: {},
    warnings: [],
    served_chunks: 0,
    served_pages: null,
    active_job_id: null,
    previous_job_id: null,
    resumes_at: null,
    parent_id: null,
    attachments: null,
    language: null,
    ahead: null,
    ...row,
  };
}

test("percent rises from stage to stage and within parse and embed", () => {
  const steps: Partial<DocumentOverview>[] = [
    { status: "queued", stage: null },
    { stage: "download" },
    { stage: "parse" },
    { stage: "parse", pages_done: 3, pages_total: 12 },
    { stage: "parse", pages_done: 12, pages_total: 12 },
    { stage: "embed", chunks_embedded: 0, chunks_total: 480 },
    { stage: "embed", chunks_embedded: 240, chunks_total: 480 },
    { stage: "embed", chunks_embedded: 480, chunks_total: 480 },
    { status: "ready", stage: "publish", chunks_embedded: 480, chunks_total: 480 },
  ];
  const percents = steps.map((step) => viewDocument(overview(step), now).progress.percent);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents[0]).toBe(0);
  expect(percents.at(-1)).toBe(100);
});

test("nothing planned yet never divides by zero", () => {
  const { progress } = viewDocument(overview({ stage: "embed", chunks_total: 0 }), now);
  expect(progress.percent).toBe(40);
  expect(progress.etaSeconds).toBeNull();
});

test("the time left follows from the speed so far", () => {
  const row = overview({
    stage: "embed",
    chunks_embedded: 100,
    chunks_total: 300,
    timings: { embed: "2026-11-23T12:00:00+00:00" },
  });
  expect(viewDocument(row, now).progress.etaSeconds).toBe(20);
});

test("a stored error is shown with its stage and the table's sentences; an unknown or unreadable one is internal", () => {
  const show = (error: DocumentOverview["error"]) => viewDocument(overview({ status: "error", error }), now).error;
  const stored = { code: "file_encrypted", message: "Page 3 asks.", stage: "parse", correlationId: "run 1" };
  const { action } = describeFailure("file_encrypted");
  expect(show(stored)).toEqual({ ...stored, action, retryable: false });
  expect(show({ code: "file_corrupt", message: "m" })).toMatchObject({ stage: null, correlationId: null });
  const internal = { ...viewFailure(new Failure("internal")), stage: "parse", correlationId: "run 1" };
  expect(show({ ...stored, code: "odd" })).toEqual(internal);
  expect(show("at query (/srv/app/db.js:10:3)")).toEqual({ ...internal, stage: null, correlationId: null });
});

test("only a document in work shows a stage", () => {
  expect(viewDocument(overview({ status: "ready", stage: "publish" }), now).stage).toBeNull();
  expect(viewDocument(overview({ stage: "chunk" }), now).stage).toBe("chunk");
});

test("waiting is told apart: for capacity while queued, for the provider while it asked for a pause, else not at all", () => {
  const later = new Date(now + 60_000).toISOString();
  const earlier = new Date(now - 60_000).toISOString();
  const rows: [Partial<DocumentOverview>, string | null][] = [
    [{ status: "queued", stage: null }, "capacity"],
    [{ stage: "embed", resumes_at: later }, "provider"],
    [{ stage: "embed", resumes_at: earlier }, null],
    [{ status: "ready", resumes_at: later }, null],
  ];
  for (const [row, expected] of rows) expect(viewDocument(overview(row), now).waitingFor).toBe(expected);
});

test("how many are ahead is told of a queued document only, and in words where there are any", () => {
  const queued = viewDocument(overview({ status: "queued", stage: null, ahead: 3 }), now);
  expect([queued.ahead, describeWork(queued)]).toEqual([3, "Waiting, 3 ahead"]);
  const next = viewDocument(overview({ status: "queued", stage: null, ahead: 0 }), now);
  expect([next.ahead, describeWork(next)]).toEqual([0, "Waiting for its turn"]);
  expect(viewDocument(overview({ stage: "embed" }), now).ahead).toBeNull();
});

test("a document can be rolled back while a former index is kept and nothing is in work", () => {
  const former = { previous_job_id: "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f14" };
  expect(viewDocument(overview({ status: "ready", ...former }), now).canRollBack).toBe(true);
  expect(viewDocument(overview({ status: "processing", ...former }), now).canRollBack).toBe(false);
  expect(viewDocument(overview({ status: "ready" }), now).canRollBack).toBe(false);
});

test("a document is rolled back while a newer index that is whole is not the served one", () => {
  const [older, newer] = ["0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f14", "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f13"];
  const view = (active_job_id: string | null, job_status: string) =>
    viewDocument(overview({ status: "ready", job_id: newer, active_job_id, job_status }), now).isRolledBack;
  expect([view(newer, "ready"), view(older, "ready")]).toEqual([false, true]);
  expect([view(older, "error"), view(older, "cancelled"), view(older, "processing")]).toEqual([false, false, false]);
});

test("numbers of passages and pages are written with separators", () => {
  const embed = { stage: "embed", chunks_embedded: 1200, chunks_total: 34_000 };
  expect(describeWork(viewDocument(overview(embed), now))).toBe("Embedding passage 1,200 of 34,000");
  expect(describeWork(viewDocument(overview({ pages_done: 999, pages_total: 1200 }), now))).toBe(
    "Reading page 1,000 of 1,200",
  );
});

test("what came with a document is shown in its order, and a warning names what of it cannot be read", () => {
  const entry = { documentId: null, status: null, reason: null, isRemoved: false };
  const child = "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f15";
  const { attachments, warnings } = viewDocument(
    overview({
      warnings: [{ code: "encoding_guessed", message: "Guessed." }],
      attachments: [
        { ...entry, fileName: "a.pdf", documentId: child, status: "ready", reason: "The last reprocess failed." },
        { ...entry, fileName: "b.pdf", documentId: child, status: "error", reason: "It has a password." },
        { ...entry, fileName: "c.exe", reason: "It is a program." },
        { ...entry, fileName: "d.md", isRemoved: true },
      ],
    }),
    now,
  );
  expect(attachments).toEqual([
    { documentId: child, fileName: "a.pdf", status: "ready" },
    { documentId: child, fileName: "b.pdf", status: "error", reason: "It has a password." },
    { documentId: null, fileName: "c.exe", reason: "It is a program." },
    { documentId: null, fileName: "d.md", reason: "Its document was deleted." },
  ]);
  expect(warnings.map(({ code }) => code)).toEqual(["encoding_guessed", "attachment_skipped"]);
  expect(warnings[1]?.message).toBe(
    "Not read of what came with it: b.pdf (It has a password); c.exe (It is a program).",
  );
});

test("what the newest job has cost is the served index's only once that job serves", () => {
  const job_id = "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f13";
  const ready = { status: "ready", job_id };
  expect(viewDocument(overview({ ...ready, active_job_id: job_id }), now).servesNewest).toBe(true);
  const active_job_id = "0b9d4c1e-7f43-4a58-9c7f-6d1f1f6a2f14";
  expect(viewDocument(overview({ ...ready, active_job_id }), now).servesNewest).toBe(false);
  expect(viewDocument(overview({ status: "queued", job_id }), now).servesNewest).toBe(false);
});
