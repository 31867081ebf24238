import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedSupabase, startEmbeddedSupabase } from "#tests/embedded/supabase.ts";

// How the stand-in starts, stops and comes back, on one folder that all tests of this file share.
const program = resolve(import.meta.dirname, "../../supabase/embedded/main.ts");
const root = mkdtempSync(join(tmpdir(), "knowledgebase-supabase-process-"));
const [dataDir, migrationsDir] = [join(root, "data"), join(root, "migrations")];
let server: EmbeddedSupabase;

beforeAll(async () => {
  mkdirSync(migrationsDir);
  migrate(
    "20260101000000_first",
    `create table public.things (name text primary key); grant all on public.things to service_role;
     insert into storage.buckets (id, name) values ('files', 'files');
     create function public.fall(i integer) returns integer language sql as $$ select public.fall(i + 1) $$;
     set search_path = 'pg_catalog'; set role anon;`,
  );
  server = await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

/** For tests that start the server several times, on a machine that has other work. */
const patient = { timeout: 240_000 };
const start = () => startEmbeddedSupabase({ migrationsDir, dataDir });
const connect = () => createClient(server.url, server.secretKey, { auth: { persistSession: false } });
const names = async () => (await connect().from("things").select("name").order("name")).data?.map((row) => row.name);

function migrate(name: string, sql: string): void {
  writeFileSync(join(migrationsDir, `${name}.sql`), sql);
}

function sign(claims: object, secret = ""): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

async function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...env } });
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.err += text;
  });
  const exited = once(child, "close");
  return { output, child, exited: exited.then(([code]) => code as number | null) };
}

test("it says that it is well, and keeps its keys to itself", async () => {
  const health = await fetch(`${server.url}/health`);
  expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
  expect(statSync(join(dataDir, "keys.json")).mode & 0o777).toBe(0o600);
  expect(server.publishableKey).toMatch(/^sb_publishable_/);
  expect(server.secretKey).toMatch(/^sb_secret_/);
});

test("what it cannot start without is named, all of it, in one line", async () => {
  const { output, exited } = await run({ SUPABASE_PORT: "many" });
  expect(await exited).toBe(1);
  expect(output.err.trim().split("\n")).toHaveLength(1);
  for (const name of ["SUPABASE_DATA_DIR", "SUPABASE_MIGRATIONS_DIR", "SUPABASE_PORT"]) {
    expect(output.err).toContain(name);
  }
  expect(output.out).toBe("");
});

test("a migration cannot leave its mark on the session of the requests", async () => {
  expect((await connect().from("things").insert({ name: "one" })).error).toBeNull();
  expect(await names()).toEqual(["one"]);
});

test("it takes the keys that it is given, prints one line, and ends with 0 on SIGTERM", patient, async () => {
  await server.stop();
  const given = {
    SUPABASE_PUBLISHABLE_KEY: "sb_publishable_of_somebody_else_entirely",
    SUPABASE_SECRET_KEY: "sb_secret_of_somebody_else_entirely",
  };
  const env = { SUPABASE_PORT: "0", SUPABASE_DATA_DIR: dataDir, SUPABASE_MIGRATIONS_DIR: migrationsDir };
  const { output, child, exited } = await run({ ...env, ...given });
  await expect.poll(() => output.out, { timeout: 60_000 }).toContain("\n");
  const ready = JSON.parse(output.out) as Record<string, string>;
  expect(ready).toEqual({
    ...{ ready: true, url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    ...{ publishableKey: given.SUPABASE_PUBLISHABLE_KEY, secretKey: given.SUPABASE_SECRET_KEY },
  });
  const client = createClient(ready.url ?? "", given.SUPABASE_SECRET_KEY);
  expect((await client.from("things").select()).data).toEqual([{ name: "one" }]);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output.out.trim().split("\n")).toHaveLength(1);
  server = await start();
});

test("a key that has not the form of one is refused by name", async () => {
  const { output, exited } = await run({
    ...{ SUPABASE_DATA_DIR: dataDir, SUPABASE_MIGRATIONS_DIR: migrationsDir, SUPABASE_SECRET_KEY: "short" },
  });
  expect(await exited).toBe(1);
  expect(output.err).toContain("SUPABASE_SECRET_KEY");
  expect(output.err).not.toContain("short");
});

test(
  "migrations are applied once each; one that fails changes nothing, and holds up none before it",
  patient,
  async () => {
    await server.stop();
    migrate("20260102000000_second", "insert into public.things values ('two');");
    migrate(
      "20260103000000_third",
      "insert into public.things values ('three');\ninsert into public.nothing values (1);",
    );
    await expect(start()).rejects.toThrow(/20260103000000_third\.sql.*nothing.*SQLSTATE 42P01, line 2/);
    migrate("20260103000000_third", "insert into public.things values ('three');");
    server = await start();
    expect(await names()).toEqual(["one", "three", "two"]);
    await server.stop();
    server = await start();
    expect(await names()).toEqual(["one", "three", "two"]);
  },
);

test("a migration that changed after it was applied is pointed out", patient, async () => {
  await server.stop();
  migrate("20260102000000_second", "insert into public.things values ('another two');");
  server = await start();
  expect(server.log()).toMatch(/20260102000000_second\.sql.*changed/);
  expect(await names()).toEqual(["one", "three", "two"]);
});

test("files that a crash left without an object are gone after a start, the others are not", patient, async () => {
  const files = connect().storage.from("files");
  await files.upload("kept", "kept");
  const folder = join(dataDir, "storage/objects");
  const count = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;
  expect(count()).toBe(1);
  await server.kill9();
  mkdirSync(join(folder, "ff"), { recursive: true });
  writeFileSync(join(folder, "ff", "ff000000-0000-4000-8000-000000000000"), "rubbish");
  writeFileSync(join(dataDir, "storage/drafts", "half"), "half an upload");
  server = await start();
  expect([count(), readdirSync(join(dataDir, "storage/drafts"))]).toEqual([1, []]);
  expect(await (await connect().storage.from("files").download("kept")).data?.text()).toBe("kept");
});

test("files of what was replaced or removed do not stay", async () => {
  const files = connect().storage.from("files");
  const folder = join(dataDir, "storage/objects");
  const count = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;
  const before = count();
  await files.upload("changing", "one");
  await files.upload("changing", "two", { upsert: true });
  await files.copy("changing", "copied");
  expect(count()).toBe(before + 2);
  await files.remove(["changing", "copied"]);
  expect(count()).toBe(before);
});

test("while an object is replaced, readers have the whole old one or the whole new one", async () => {
  const files = connect().storage.from("files");
  const versions = ["a", "b"].map((letter) => letter.repeat(300_000));
  await files.upload("flip", versions[0] ?? "");
  let isDone = false;
  const reading = (async () => {
    const seen = new Set<string>();
    while (!isDone) seen.add((await (await files.download("flip")).data?.text()) ?? "nothing");
    return seen;
  })();
  for (let round = 0; round < 20; round += 1) await files.upload("flip", versions[round % 2] ?? "", { upsert: true });
  isDone = true;
  for (const text of await reading) expect(versions).toContain(text);
});

test("a token of its own without a role opens nothing", async () => {
  const { jwtSecret, urlSecret } = JSON.parse(readFileSync(join(dataDir, "keys.json"), "utf8")) as Record<
    string,
    string
  >;
  const list = (token: string) =>
    fetch(`${server.url}/storage/v1/object/list/files`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ prefix: "" }),
    });
  expect((await list(sign({ role: "authenticated", sub: crypto.randomUUID() }, jwtSecret))).status).toBe(200);
  expect((await list(sign({ sub: crypto.randomUUID() }, jwtSecret))).ok).toBe(false);
  expect((await list(sign({ role: "postgres" }, jwtSecret))).ok).toBe(false);
  expect((await list(sign({ role: "service_role" }, urlSecret))).ok).toBe(false);
  expect((await list(sign({ role: "service_role", exp: 1 }, jwtSecret))).ok).toBe(false);
});

test("a mail is not sent but can be read", async () => {
  await connect().auth.admin.createUser({ email: "ada@example.com", password: "a password", email_confirm: true });
  expect((await connect().auth.resetPasswordForEmail("ada@example.com")).error).toBeNull();
  const [mail] = readdirSync(join(dataDir, "mail"));
  expect(readFileSync(join(dataDir, "mail", mail ?? ""), "utf8")).toContain("To: ada@example.com");
});

test("an engine that broke ends the process, and nothing is lost", patient, async () => {
  await connect().from("things").insert({ name: "before the fall" });
  await connect().rpc("fall", { i: 1 });
  await expect
    .poll(() =>
      fetch(`${server.url}/rest/v1/things`).then(
        () => true,
        () => false,
      ),
    )
    .toBe(false);
  expect(server.log()).toContain("must be started again");
  server = await start();
  expect(await names()).toContain("before the fall");
});
