import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Examination, examinationSchema } from "#lib/doctor/schema.ts";
import type { Supabase } from "#lib/supabase/clients.ts";
import { openControls } from "#tests/embedded/embeddings.ts";
import { bootOwnStack, makeDataDir, type OwnStack, removeDataDir } from "./boot-own-stack.ts";
import { countRows, openDatabase } from "./database.ts";
import { makeMarkdown } from "./files.ts";
import { createOwner } from "./owner.ts";

const root = resolve(import.meta.dirname, "../..");
const dataDir = await makeDataDir();
let stack: OwnStack;
let database: Supabase;

beforeAll(async () => {
  stack = await bootOwnStack({ dir: dataDir, env: { EMBEDDINGS_CONTROL: "1" } });
  database = openDatabase(stack.json);
});
afterAll(async () => {
  await stack?.stop();
  await removeDataDir(dataDir);
});

async function run(args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

function runDoctor(...args: string[]) {
  const program = [resolve(root, "lib/stack/run-beside.ts"), "inngest/run-doctor.ts", ...args];
  return run(program, { ...process.env, KNOWLEDGEBASE_DIR: dataDir });
}

async function examineDeep(token = stack.json.env.OPERATOR_TOKEN): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL("/api/health?deep=1", stack.json.appUrl), { headers });
  return { status: response.status, body: await response.json() };
}

function countsOf({ findings }: Examination): Record<string, number> {
  return Object.fromEntries(findings.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]));
}

const change = async (id: string, values: { deleted_at?: string; status?: string }) => {
  const { error } = await database.from("documents").update(values).eq("id", id);
  if (error) throw new Error(error.message);
};

test("the doctor finds what was broken behind the product's back, says so to operators only, and mends all of it", async () => {
  const owner = await createOwner(stack.json);
  const uploads = ["whole", "stuck", "short", "old", "gone"].map((name) => owner.upload(makeMarkdown(`${name}.md`, 4)));
  const documents = await Promise.all(uploads);
  const ready = await Promise.all(documents.map(({ id }) => owner.follow(id, ({ status }) => status === "ready")));
  const [whole, stuck, short, old, gone] = ready;
  if (!whole || !stuck || !short || !old || !gone) throw new Error("There are not five documents.");
  const well = await runDoctor();
  expect(well.output).toContain("All is well.");
  expect(well.code).toBe(0);

  const hoursAgo = new Date(Date.now() - 2 * 3_600_000).toISOString();
  const active = async (id: string) =>
    (await database.from("documents").select("active_job_id").eq("id", id).single()).data?.active_job_id ?? "";
  await change(stuck.id, { status: "processing" });
  await database
    .from("chunks")
    .delete()
    .eq("job_id", await active(short.id))
    .eq("ordinal", 0);
  await database
    .from("ingestion_jobs")
    .update({ settings: { model: "an-older-model", dimensions: 512 } })
    .eq("id", await active(old.id));
  await change(gone.id, { deleted_at: hoursAgo });
  const { error } = await database.from("uploads").insert({
    id: randomUUID(),
    owner_id: owner.userId,
    file_name: "never.md",
    size_bytes: 5,
    storage_key: `${owner.userId}/never/source`,
    created_at: hoursAgo,
    expires_at: hoursAgo,
  });
  expect(error).toBeNull();
  const broken = {
    documents_without_job: 1,
    incomplete_indexes: 1,
    mismatched_models: 1,
    forgotten_uploads: 1,
    unremoved_documents: 1,
  };

  const found = await runDoctor();
  expect(found.code).toBe(1);
  for (const name of Object.keys(broken)) expect(found.output).toMatch(new RegExp(`!! {1,2}${name} +1 `));
  expect(found.output).toContain(stuck.id);
  const deep = await examineDeep();
  expect([deep.status, countsOf(examinationSchema.parse(deep.body))]).toEqual([503, broken]);
  expect(await examineDeep("a guess")).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
  expect(await examineDeep(owner.token)).toMatchObject({ status: 401 });

  const mended = await runDoctor("--fix");
  expect(mended.output).toContain("3 documents queued again");
  for (const { id } of [stuck, short, old]) {
    await owner.follow(id, ({ status, progress }) => status === "ready" && progress.percent === 100);
    expect(await countRows(database, "ingestion_jobs", "document_id", id)).toBe(2);
  }
  expect(await countRows(database, "documents", "id", gone.id)).toBe(0);
  const after = await runDoctor("--json");
  expect(after.code, after.output).toBe(0);
  expect((await examineDeep()).status).toBe(200);
});

test("a provider whose vectors are not what the settings say is found, and what to do is said", async () => {
  const provider = openControls(stack.json.embeddingsUrl);
  await provider.control([{ spoil: "wrong-dimension" }]);
  const found = await runDoctor();
  const deep = await examineDeep();
  await provider.control([]);
  expect([found.code, deep.status]).toEqual([1, 503]);
  expect(found.output).toMatch(/!! {1,2}embeddings_provider +1 /);
  expect(found.output).toContain("Set EMBEDDING_DIMENSIONS=");
  expect(countsOf(examinationSchema.parse(deep.body))).toEqual({ embeddings_provider: 1 });
  expect((await examineDeep()).status).toBe(200);
});

test("a doctor that cannot look says why, and that is not the same as a finding", async () => {
  const blank = { ...process.env, SUPABASE_URL: "", SUPABASE_PUBLISHABLE_KEY: "", SUPABASE_SECRET_KEY: "" };
  const { code, output } = await run([resolve(root, "inngest/run-doctor.ts")], blank);
  expect(code).toBe(2);
  expect(output).toContain("SUPABASE_URL");
});
